"""The desk's HTTP API and pages."""
