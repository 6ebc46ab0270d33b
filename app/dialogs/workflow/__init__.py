"""The Run workflow dialog: its fields, its pictures and the nodes that are missing."""
