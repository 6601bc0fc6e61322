"""Tests of what those who run the server are told."""
