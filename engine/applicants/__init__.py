"""What applicants do without an account: ask where their case stands, take their papers, read what an item asks for."""
