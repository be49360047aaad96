"""Relates consumers and events, with the running feeds and the stored events in sight."""
