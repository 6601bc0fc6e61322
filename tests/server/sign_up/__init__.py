"""Tests of server/sign_up/."""
