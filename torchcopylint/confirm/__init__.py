"""Findings are put to torch: what of the code matters is cut out, filled in with stand-ins, and run in a sandbox."""
