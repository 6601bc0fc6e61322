"""The Mastodon client API: parameters in, an action or a query, an entity out. It holds no rule of its own."""
