"""Keeps the canvas in step with the session: overlays, previews and the comparison."""
