"""People's reports of trouble, and the challenge in a flood."""

from fastapi import APIRouter

router = APIRouter()
