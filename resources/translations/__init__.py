"""Texts in other languages, and the tool that keeps them."""
