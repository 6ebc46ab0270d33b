"""Drawing the canvas: pyramid, compositing, buffers."""
