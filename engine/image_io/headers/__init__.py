"""Container and metadata formats, examined before decoding."""
