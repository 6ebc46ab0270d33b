"""Reads and writes the .lacuna project file (a superset of OpenRaster), without Qt."""
