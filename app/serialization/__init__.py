"""Documents, masks and paint requests as JSON and exact PNG, and back, without Qt."""
