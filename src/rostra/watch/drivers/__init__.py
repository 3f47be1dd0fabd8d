"""I/O of the watch room."""
