"""What is read: which files, their text, the project and the repository around them."""
