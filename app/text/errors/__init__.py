"""Title, explanation and next steps of each expected error type."""
