"""One open picture, what is marked in it, and its undo history. No Qt."""
