"""Runs a workflow with the backends of this computer."""
