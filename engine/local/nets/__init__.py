"""The networks; the only package that imports torch, run in the engine process alone."""
