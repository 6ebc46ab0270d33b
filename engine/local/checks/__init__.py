"""Self-checks of light models on a sample picture, and answers recorded of true weights."""
