"""Assessment of contractors (月度考核): contracts, the months' tables, three people, and what it comes to in pay."""
