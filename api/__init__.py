"""HTTP and the command line. Nothing here decides anything."""
