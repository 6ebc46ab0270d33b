"""Bytes of each format to arrays, after their headers were found to be within the limits."""
