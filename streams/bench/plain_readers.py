"""Measures what other ways of reading Kafka cost: `python -m streams.bench.plain_readers WAY BOOTSTRAP TOPIC GROUP`.

`faust`: an agent as its manual shows it, with acknowledgement after the work. `aiokafka`: the bare client that both
stand on. Neither looks at what it reads.
"""

import asyncio
import sys
import tempfile
from dataclasses import replace
from typing import Any, Final

BATCH: Final = 1000
WITHIN_S: Final = 0.2


def faust_agent(bootstrap: str, topic: str, group: str) -> None:
    import faust

    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        datadir=tempfile.gettempdir(),
        value_serializer="raw",
        key_serializer="raw",
        topic_disable_leader=True,
        web_enabled=False,
        broker_commit_interval=0.5,
        broker_max_poll_records=BATCH,
        consumer_auto_offset_reset="earliest",
    )

    @app.agent(app.topic(topic))
    async def take(stream: Any) -> None:
        async for batch in stream.noack_take(BATCH, within=WITHIN_S):
            for event in batch:
                event.ack()

    worker = faust.Worker(app, loglevel="ERROR", override_logging=False, redirect_stdouts=False, quiet=True)
    worker.spinner = None
    worker.execute_from_commandline()


def aiokafka_loop(bootstrap: str, topic: str, group: str) -> None:
    import uvloop

    from ops.clients import kafka_async
    from ops.settings import Settings

    async def read() -> None:
        consumer = kafka_async.consumer(
            replace(Settings().kafka, bootstrap=bootstrap),
            topic,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=8 * 1024 * 1024,
        )
        await consumer.start()
        while True:
            if await consumer.getmany(timeout_ms=200, max_records=BATCH):
                await consumer.commit()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(read())


if __name__ == "__main__":
    {"faust": faust_agent, "aiokafka": aiokafka_loop}[sys.argv[1]](*sys.argv[2:5])
