"""The nodes that run on this computer, one record each in one table."""
