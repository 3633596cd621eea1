"""Input: which files, their text, the project and the repository around them."""
