"""I/O of the stage room."""
