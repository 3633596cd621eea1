"""What happens when code runs: calls applied, copies made, gradients, optimizers, containers."""
