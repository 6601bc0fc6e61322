"""Passkeys: logging in with what a phone, a computer or a stick holds."""
