"""Crash recovery: the write-ahead log of edits and the server jobs under way, without Qt."""
