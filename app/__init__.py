"""Wires the widgets to the engine: the only place that knows both."""
