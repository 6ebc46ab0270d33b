"""Draws and listens with Qt, numpy and OpenCV; knows no document and no engine."""
