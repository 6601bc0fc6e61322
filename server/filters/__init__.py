"""Filters: what a member does not want to read, or only when they ask for it."""
