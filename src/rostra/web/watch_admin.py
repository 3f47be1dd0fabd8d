"""What an operator does to incidents and announced work."""

from fastapi import APIRouter

router = APIRouter()
