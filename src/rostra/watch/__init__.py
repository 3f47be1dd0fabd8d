"""Probes, reports, baselines and incidents. Empty until its work begins."""
