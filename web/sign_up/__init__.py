"""Making an account here."""
