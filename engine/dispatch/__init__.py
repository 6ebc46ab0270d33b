"""Which backend and model does a job, and whether it fits in memory."""
