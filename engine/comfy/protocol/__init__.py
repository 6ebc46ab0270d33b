"""The HTTP and websocket vocabulary of ComfyUI."""
