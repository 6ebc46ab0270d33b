"""Container and metadata formats, examined before a picture is decoded."""
