"""The process: start, windows, single instance, language, crash page."""
