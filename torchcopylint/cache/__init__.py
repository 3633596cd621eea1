"""Cached results of earlier runs on disk, and the plain data they are stored as."""
