"""Reports: tell the moderators here, and if asked those of another server, of an actor and its posts."""
