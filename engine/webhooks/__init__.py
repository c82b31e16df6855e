"""Departments' systems: webhooks and the feed."""
