"""A section's agenda in pages of other sites: a script, and a page for frames."""
