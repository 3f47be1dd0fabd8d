"""The tables of the watch's own store, each beside the book that reads it (`store.watch_*`)."""

from sqlalchemy import MetaData

from rostra.store.tables import metadata as _desk

watch_metadata = MetaData(naming_convention=_desk.naming_convention)
