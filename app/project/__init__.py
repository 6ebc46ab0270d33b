"""The .lacuna project file (a superset of OpenRaster): reading and writing. No Qt."""
