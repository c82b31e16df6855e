"""The acts: one function per operation, one transaction each."""
