"""ComfyUI workflows: read, converted, edited, run here or on a server, and exported."""
