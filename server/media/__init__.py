"""Pictures, films and sounds of members, and copies of pictures of other servers: made anew, kept, given out, removed."""
