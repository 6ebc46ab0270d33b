"""Run workflow."""
