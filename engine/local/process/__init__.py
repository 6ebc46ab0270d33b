"""The engine process, its messages, and the shared memory that carries pixels."""
