"""Documents (文书) as files: gathered, set, locked away, printed."""
