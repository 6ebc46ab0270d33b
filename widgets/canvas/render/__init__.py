"""Draws the canvas: image pyramid, compositing, tile buffers."""
