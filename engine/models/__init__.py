"""Model files: families, catalog, where they lie, what their headers say."""
