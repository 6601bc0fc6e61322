"""What a member takes along: tables that other servers read, and all that they published, in one archive."""
