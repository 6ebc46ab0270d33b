"""Networks and their quantisation, recognised by the names, shapes and marks in headers."""
