"""Watching over limits and the one-time notice: the warning board, breaches side by side with what was told first."""
