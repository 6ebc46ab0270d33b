"""Reads, converts, repairs and writes workflow files."""
