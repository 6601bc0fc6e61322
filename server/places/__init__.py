"""Where people live: the communes of France, for what is near."""
