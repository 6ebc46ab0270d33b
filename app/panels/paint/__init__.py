"""The Paint panel and its parts."""
