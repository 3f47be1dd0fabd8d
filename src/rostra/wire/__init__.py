"""Bytes to nouns and back: every format the house speaks, for servers, probes and crowds alike."""
