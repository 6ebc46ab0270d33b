"""Fetches models: resumes, verifies checksums, and keeps a ledger of files."""
