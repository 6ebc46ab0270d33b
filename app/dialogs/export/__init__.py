"""The Export dialog: format, quality, size, metadata and the estimated file size."""
