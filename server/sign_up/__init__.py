"""Making an account here: who may, and how one comes by it."""
