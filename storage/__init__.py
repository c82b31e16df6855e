"""The records: one file per noun, holding its table and its only queries."""
