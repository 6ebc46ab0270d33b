"""Labelled fields."""
