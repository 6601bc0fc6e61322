"""Notifications: what members are told about."""
