"""Sampling: prompts, latents, schedulers, steps."""
