"""Statuspage's public API, path for path, and badges."""

from fastapi import APIRouter

router = APIRouter()
