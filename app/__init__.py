"""Wires the widgets to the engine; the only package that knows both."""
