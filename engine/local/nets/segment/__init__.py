"""SAM 2 and SAM 3, their configurations, keys and cached embeddings."""
