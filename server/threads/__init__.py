"""Conversations: what of them is not here is asked for, and found later."""
