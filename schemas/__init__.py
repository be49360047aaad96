"""What did we agree on? Events and their history, the envelope, the topics, the wire format and the outbox row."""
