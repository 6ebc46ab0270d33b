"""One open picture, its mask and objects, and its undo history, without Qt."""
