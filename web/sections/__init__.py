"""Joining a section, and its desk: what those who look after it do with requests, members, roles and its page."""
