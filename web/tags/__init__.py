"""Hashtags: what is published under a word."""
