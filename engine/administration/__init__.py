"""What the administrators of the system do, each of the three apart from the other two: accounts, roles, parts."""
