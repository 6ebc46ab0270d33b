"""Checkpoint and LoRA files into networks."""
