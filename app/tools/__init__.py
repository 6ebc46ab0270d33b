"""The pointer tools: one class each, from gestures to calls of the session."""
