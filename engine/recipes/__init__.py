"""Recipes: YAML to records."""
