"""Hashtags: followed by members, and the public posts that bear them."""
