"""SAM 2, SAM 3 and SAM 3.1, their configurations and keys."""
