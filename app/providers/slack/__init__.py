"""Slack's API: one channel of one workspace, and every quirk of it."""
