"""Crash recovery: the write-ahead log of edits, and server jobs under way. No Qt."""
