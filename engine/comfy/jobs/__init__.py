"""The life of a job on a server, and the pool."""
