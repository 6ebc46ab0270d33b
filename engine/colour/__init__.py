"""ICC profiles, depth and the 8-bit sRGB view."""
