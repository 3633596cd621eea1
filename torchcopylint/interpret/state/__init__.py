"""What is known while a function is interpreted: the frame, the program, the log, liveness, autograd."""
