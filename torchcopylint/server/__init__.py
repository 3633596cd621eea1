"""The language server: findings in the text of open editors, and actions on them."""
