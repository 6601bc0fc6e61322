"""A conversation as a member reads it, and what they do with a post."""
