"""Turns checkpoint and component files into networks."""
