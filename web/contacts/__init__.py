"""Leaving an e-mail address with a section, and the private page behind the link that is sent there."""
