"""Tests of server/passkeys/."""
