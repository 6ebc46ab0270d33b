"""Pixels, models, jobs and files. Knows nothing of Qt, and imports no torch at the top."""
