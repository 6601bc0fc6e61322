"""Tokens and the programs that hold them."""
