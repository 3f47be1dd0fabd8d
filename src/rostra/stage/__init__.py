"""The speakers' low-latency room: who may speak, jitter, the mix and each speaker's own share of it."""
