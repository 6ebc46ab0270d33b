"""Settings, presets and recent files, and the files that they are kept in, without Qt."""
