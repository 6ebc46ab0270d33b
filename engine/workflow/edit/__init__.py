"""Values by name; what is missing."""
