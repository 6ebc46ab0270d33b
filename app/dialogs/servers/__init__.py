"""The Servers window: list, address, login, certificates and the test of a server."""
