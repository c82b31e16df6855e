"""What people are told: a text for each event and audience in Chinese and English, and the rules of sending it."""
