"""What the user chose, and the files it is kept in: settings, presets, recent files. No Qt."""
