"""Anybody as a member sees them, of this server or of another: who they are, what they published, what to do about them."""
