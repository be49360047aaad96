"""Carries committed outbox rows to Kafka in commit order.

`slot` says where reading goes on, `stream` is the open replication connection, `pgoutput` reads its messages, `records`
turns a row into a Kafka record, `progress` knows what may be confirmed, `watermarks` what may be promised to readers,
`relay` is the loop around all of them and `running` the process around the loop.
"""
