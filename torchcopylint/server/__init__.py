"""The language server: what editors are told of the text that is being written, and what they may do about it."""
