"""Model files: families, catalog, folders, and identification by their headers."""
