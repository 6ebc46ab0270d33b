"""The open document in a window: the only writers; every change is announced as a signal."""
