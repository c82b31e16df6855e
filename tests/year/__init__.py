"""A simulated year of the hall, and its figures counted a second time by hand."""
