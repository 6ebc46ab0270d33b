"""The user's own ComfyUI servers: asked for the same jobs as the models on this computer."""
