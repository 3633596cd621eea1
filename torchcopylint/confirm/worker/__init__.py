"""What runs beside torch, in the interpreter that has it: needs nothing of the linter, and nothing but torch."""
