"""Copies of a whole server: its database at one moment, its keys, its settings, its files."""
