"""Results of earlier runs: kept on disk, and the plain data they are kept as."""
