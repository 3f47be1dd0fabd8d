"""What touches sockets for the watch: probes, and the channels to subscribers."""
