"""Keeps every event, once: as it was, in immutable Parquet, with what is missing named.

event ─► event_rows ─► version_ledger ─► archive_sink ─► parquet_parts ─► archive_views, history_views
"""
