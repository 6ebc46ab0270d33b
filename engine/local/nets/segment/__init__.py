"""SAM 2 and SAM 3, their configurations and keys."""
