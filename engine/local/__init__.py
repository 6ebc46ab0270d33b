"""Models on this computer as one backend, in a process of its own."""
