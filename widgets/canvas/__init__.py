"""The canvas: view, pointer and keyboard input, overlays of marks."""
