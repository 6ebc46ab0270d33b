"""Vocabulary of jobs (requests, results, operations, events), the Backend protocol, the worker."""
