"""Pixels, models, jobs and files. Knows nothing of Qt; torch only under engine/local and engine/training."""
