"""The search of the pages: one field for sections, events, posts, people and hashtags."""
