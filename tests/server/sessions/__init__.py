"""Tests of server/sessions/."""
