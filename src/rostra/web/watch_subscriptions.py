"""Subscribing to news of components, and leaving again."""

from fastapi import APIRouter

router = APIRouter()
