"""ActivityPub between servers: rows into activities, activities into rows. No web framework, no queue."""
