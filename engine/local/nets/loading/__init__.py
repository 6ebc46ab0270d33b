"""Turns checkpoint, component and LoRA files into networks."""
