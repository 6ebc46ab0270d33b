"""Segments by clicks and boxes with classical methods: superpixels, trees, graph cuts."""
