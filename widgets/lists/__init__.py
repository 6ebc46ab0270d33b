"""List widgets."""
