"""The engine process and the line to it."""
