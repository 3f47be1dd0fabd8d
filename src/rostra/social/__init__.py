"""Profiles, follows, posts and moderation. Empty until its work begins."""
