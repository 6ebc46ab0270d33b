"""The networks, in the engine's process. Nothing outside it may import this package."""
