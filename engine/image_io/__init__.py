"""Pictures in and out; the only place that reads foreign picture bytes."""
