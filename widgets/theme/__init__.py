"""The palette, the colours and the icons."""
