"""Draws and listens. Qt, numpy and OpenCV only; knows nothing of the document or the engine."""
