"""Pixels and metadata to the bytes of each format; blocks of a source JPEG are kept."""
