"""Address, login, TLS and HTTP of one server."""
