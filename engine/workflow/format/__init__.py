"""Workflow files: read, convert, repair, write."""
