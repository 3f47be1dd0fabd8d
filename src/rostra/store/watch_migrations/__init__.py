"""Alembic's folder: each change to the tables, in order."""
