"""HTTP client and access tokens."""
