"""Labelled input fields, sliders and containers of them."""
