"""Tests of the moderators' room."""
