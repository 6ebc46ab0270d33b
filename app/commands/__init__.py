"""Plans and applies every operation on a document, for window and command line, without Qt."""
