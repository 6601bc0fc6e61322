"""Conversations: what members write to a few others alone."""
