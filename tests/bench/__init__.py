"""Figures beside their floors, in one run on one machine. ``python -m tests.bench``; nothing here is a test."""
