"""Dossiers and archive packages (案卷与归档)."""
