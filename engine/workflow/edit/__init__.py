"""Reads and sets the values of a graph by name, and finds the files it lacks."""
