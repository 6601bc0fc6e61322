"""Announcements: what whoever runs the server says to everybody who lives on it."""
