"""E-mail: written in two languages, kept sealed until a worker has sent it, and bare of anything that reports back."""
