"""Classical interactive segmentation."""
