"""ComfyUI servers as one backend."""
