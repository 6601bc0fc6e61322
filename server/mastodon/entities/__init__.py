"""Rows as the JSON that Mastodon clients decode, one file an entity. Strict decoders throw at a missing key."""
