"""From masks to crops, and from fills back to patches, independent of the model."""
