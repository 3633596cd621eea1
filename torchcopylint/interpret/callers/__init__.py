"""One level of callers: what the calls of a function, in its own file and in the project, hand to its parameters."""
