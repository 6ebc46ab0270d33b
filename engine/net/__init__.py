"""The HTTP client and the access tokens."""
