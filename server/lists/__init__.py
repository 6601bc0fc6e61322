"""Lists: some of those whom a member follows, read apart from the others."""
