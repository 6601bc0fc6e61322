"""Timelines: home rows written when an activity is performed, read by one index range."""
