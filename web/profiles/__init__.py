"""The pages of sections and members."""
