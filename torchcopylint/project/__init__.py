"""The files around a file: where a name that is imported leads."""
