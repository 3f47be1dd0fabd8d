"""The page itself, in HTML that needs no script."""

from fastapi import APIRouter

router = APIRouter()
