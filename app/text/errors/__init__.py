"""One function per expected error type: title, explanation, next steps."""
