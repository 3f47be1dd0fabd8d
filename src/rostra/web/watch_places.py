"""What probes at other places send."""

from fastapi import APIRouter

router = APIRouter()
