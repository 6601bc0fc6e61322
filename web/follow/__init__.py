"""Following, joining or answering from another server: the visitor is sent home."""
