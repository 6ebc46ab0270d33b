"""Chooses the backend and the model of a job, and plans its memory."""
