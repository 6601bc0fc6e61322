"""What is here no longer than it is needed: chores that delete a little at a time, and never all at once."""
