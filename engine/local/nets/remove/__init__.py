"""LaMa, and the conversion of its checkpoint."""
