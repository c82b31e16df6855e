"""The trail is whole, and any rewriting by the database's superuser is found and named by its first bad row."""
