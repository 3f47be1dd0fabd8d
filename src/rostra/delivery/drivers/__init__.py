"""I/O of the delivery room."""
