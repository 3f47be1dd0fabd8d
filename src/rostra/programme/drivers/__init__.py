"""I/O of the programme room."""
