"""Pixels, models, jobs and files, without Qt and without torch at import."""
