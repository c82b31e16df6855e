"""Evidence kept whole: read again, redrawn, and what nobody names collected."""
