"""Streams: what is new, told at once to whoever waits for it. Nothing depends on them: what they miss is in the rows."""
