"""The directory: the sections that this server knows, near a place, as a list and on a small map."""
