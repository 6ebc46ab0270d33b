"""ICC profiles, bit depth and the 8-bit sRGB view of a picture."""
