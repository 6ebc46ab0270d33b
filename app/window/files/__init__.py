"""Opening, saving, exporting and autosaving of one editor window, with the questions they ask."""
