"""SQL behind the rooms' ports, and its migrations."""
