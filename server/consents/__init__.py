"""Who agreed to what, in which words, and who looked at it."""
