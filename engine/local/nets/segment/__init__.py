"""SAM2 and SAM3."""
