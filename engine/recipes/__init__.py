"""Reads YAML recipes into records."""
