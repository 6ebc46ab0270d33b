"""The table of actions (id, text, keys, icon, condition) and the QActions made from it."""
