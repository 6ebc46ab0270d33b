"""Windows that open beside the editor."""
