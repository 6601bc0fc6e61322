"""The page of the server itself, and its source code."""
