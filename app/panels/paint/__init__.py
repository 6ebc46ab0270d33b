"""The Paint panel: prompt, presets, LoRAs, seed and advanced settings."""
