"""The canvas widget and its input."""
