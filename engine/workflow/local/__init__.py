"""Running a workflow with our engines."""
