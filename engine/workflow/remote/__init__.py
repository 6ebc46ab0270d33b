"""Fits a workflow to a server and plans its uploads and outputs."""
