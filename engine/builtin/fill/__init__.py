"""Fills holes by classical methods: membrane, PatchMatch, tone and detail."""
