"""Icons, translations, the stylesheet, recipes and the sample picture."""
