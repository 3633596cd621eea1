"""The files around a file: what an imported name refers to."""
