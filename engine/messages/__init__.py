"""Messages to people: what they say, by which gateway, and what became of them."""
