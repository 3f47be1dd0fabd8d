"""The speakers' low-latency room: who may speak, jitter, the mix and each speaker's share of it."""
