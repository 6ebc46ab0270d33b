"""ComfyUI's HTTP and websocket vocabulary."""
