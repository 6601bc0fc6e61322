"""Real clients, unmodified, against a real server: Mastodon.py, toot, masto.js, megalodon, and a page in a browser."""
