"""Classical hole filling."""
