"""Follows: find an actor, follow it, answer those who ask."""
