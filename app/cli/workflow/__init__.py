"""lacuna run WORKFLOW: here or on a server. No Qt."""
