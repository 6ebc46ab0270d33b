"""Atomic files, files of strangers, file locks and JSON records."""
