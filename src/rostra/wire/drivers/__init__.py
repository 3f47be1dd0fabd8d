"""Adapters of the backbone."""
