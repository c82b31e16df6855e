"""Figures (指标): what is counted, as of when, and the cases behind it."""
