"""Feeds a read model, as a straight pipe: each step takes what the one before gave, and none goes back.

    route_records ─► newest_of_each_aggregate ─► decode_record ─► fold_records ─► write_changes ─► report_outcomes

What is for this feed, together with what somebody lets it retry; by aggregate; its event; the change of a document; the
store; and what became of each record: counted, logged, sent to the dead letters. `feed_read_model` is the pipe as a
whole. Nothing here knows who brings the records.
"""
