"""Requests, results, operations, events, the Backend protocol and the worker."""
