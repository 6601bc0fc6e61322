"""The set-up page: the first administrator finishes the installation in a browser."""
