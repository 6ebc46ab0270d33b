"""The open document in a window: its only writers, which announce each change as a signal."""
