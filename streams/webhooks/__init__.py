"""Delivers events to the webhooks of shops.

    take_in_events ─► webhook_deliveries (PostgreSQL) ─► deliver_webhooks ─► delivery_outcome ─► record_outcomes

What is subscribed to becomes one row for each webhook that gets it; whoever has room claims what is due, the oldest of
each aggregate first, and writes down what became of it. `webhooks_process` is both in one process; any number of them
share the work.
"""
