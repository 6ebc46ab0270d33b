"""The windows that open beside the editor."""
