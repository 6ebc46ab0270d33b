"""The translated texts, and the command that updates them."""
