"""Pointer gestures to session verbs, one class per tool."""
