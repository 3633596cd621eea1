"""An example of a package that brings a rule of its own: the card and the check lie in it, side by side."""
