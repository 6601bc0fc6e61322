"""What every page is made of: layout, words, dates, headers, static files."""
