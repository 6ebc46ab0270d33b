"""Lists and tables: objects, history, variants, LoRAs, tasks, shortcuts."""
