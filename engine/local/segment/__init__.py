"""Answers clicks, boxes and text with SAM, outside the engine process."""
