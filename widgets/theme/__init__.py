"""Palette, colours, icons."""
