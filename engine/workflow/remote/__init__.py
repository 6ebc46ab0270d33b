"""Fitting a workflow to a server."""
