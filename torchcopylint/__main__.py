"""`python -m torchcopylint` is the command `torchcopylint`."""

from torchcopylint.cli import main

main()
