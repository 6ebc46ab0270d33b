"""Sampling: prompts, latents, sigmas, samplers and previews."""
