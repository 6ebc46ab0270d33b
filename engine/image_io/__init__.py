"""Reads and writes pictures; the only package that decodes picture bytes of others."""
