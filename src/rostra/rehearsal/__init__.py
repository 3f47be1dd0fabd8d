"""Crowd, scenario, capacity model and certificate. Empty until its work begins."""
