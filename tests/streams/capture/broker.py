"""A Kafka client without Kafka."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


@dataclass
class Broker:
    """Stands for the Kafka client: a queue with `room`, the topics it has, and acknowledgements in its own time."""

    topics: Sequence[str] = ("rustok.order",)
    room: int = 1000
    acknowledges: bool = True
    produced: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)

    def produce(self, topic: str, value: bytes, key: bytes, **rest: Any) -> None:
        if not self.room:
            raise BufferError
        self.room -= 1
        record = {"topic": topic, "value": value, "key": key, **rest}
        self.produced.append(record)
        self.waiting.append(record)

    def list_topics(self, topic: str, timeout: float) -> SimpleNamespace:
        found = SimpleNamespace(error=None if topic in self.topics else "unknown")
        return SimpleNamespace(topics={topic: found})

    def acknowledge(self) -> None:
        waiting, self.waiting = self.waiting, []
        for record in waiting:
            record["on_delivery"](None, None)

    def poll(self, timeout: float) -> int:
        if self.acknowledges:
            self.acknowledge()
        return 0

    def flush(self, timeout: float) -> int:
        self.poll(timeout)
        return len(self)

    def __len__(self) -> int:
        return len(self.waiting)
