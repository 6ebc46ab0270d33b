"""Clicks and text answered by SAM, on this side of the process."""
