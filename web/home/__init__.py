"""A member's timelines: home, this server, lists, hashtags, what they keep and what they like."""
