"""Moves events: from the outbox to Kafka (capture), and from Kafka into the read models (feeds)."""
