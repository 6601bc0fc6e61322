"""A member's own pages: to what they belong, with which browsers they are logged in, what is known about them."""
