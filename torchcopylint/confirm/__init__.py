"""Tests findings with torch: relevant code is extracted, completed with stand-ins, and run in a sandbox."""
