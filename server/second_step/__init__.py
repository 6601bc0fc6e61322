"""The second step of logging in: a code from an application, or one from paper."""
