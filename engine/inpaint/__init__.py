"""From a mask to crops and canvases, and from answers back to patches; independent of the model."""
