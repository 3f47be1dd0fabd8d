"""Rostra: self-hosted live audio conversations that start on the second and say what happened."""

__version__ = "0.1.0"
