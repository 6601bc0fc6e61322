"""Search: find actors and posts that are here."""
