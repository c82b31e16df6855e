"""Proxy filing (帮办代办): mandates, their papers, agents at work, visits."""
