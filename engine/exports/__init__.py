"""Selections of cases taken out as files for other tools: event logs and facts."""
