"""Fetching models: resume, verify, ledger."""
