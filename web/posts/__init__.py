"""The page of one post, with its conversation."""
