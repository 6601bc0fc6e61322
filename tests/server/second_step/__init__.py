"""Tests of server/second_step/."""
