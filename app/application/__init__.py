"""The process with windows: start, single instance, language, page of a failed start."""
