"""Answers what analysts ask in SQL: on a whole snapshot for who runs the platform, on one shop's rows over HTTP."""
