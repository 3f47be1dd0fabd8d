"""Budgets, admission and attribution. Empty until its work begins."""
