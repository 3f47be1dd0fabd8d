"""The changes themselves, one file a revision."""
