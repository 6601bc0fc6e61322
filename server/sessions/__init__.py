"""Being logged in with a browser."""
