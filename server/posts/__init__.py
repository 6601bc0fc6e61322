"""Posts: publish, edit, delete, like, announce, read."""
