"""Mask arithmetic and selection tools on arrays."""
