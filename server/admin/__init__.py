"""The moderators' room: which other servers may speak here, and how."""
