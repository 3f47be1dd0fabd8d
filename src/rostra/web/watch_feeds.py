"""RSS, Atom and calendars of incidents and announced work."""

from fastapi import APIRouter

router = APIRouter()
