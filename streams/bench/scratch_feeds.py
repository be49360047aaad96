"""Makes a scratch world to measure feeds in, on the running servers.

The feeds are those of the pipeline, but with topics, consumer groups, indices and a folder of their own: a read model's
version is in the names of its group and indices, so each run gets one nobody else has. All is removed at the end.
"""

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from ops.clients import kafka as kafka_clients
from ops.settings import Settings
from schemas.topics import ALL, PRODUCTS, Topic
from sinks.freshness import Freshness
from sinks.opensearch.opensearch_client import OpenSearchStore, index_name
from sinks.published_models import PublishedModel
from sinks.read_model import Projection, ReadModel
from sinks.read_models import READ_MODELS
from sinks.search import product_documents
from sinks.sink import DocumentChange, HeldOffset, Partition, Positions, Sink, StoreRefusal
from streams import make_topics
from streams.bench.feed_events import Sent
from streams.bench.schema_server import schema_source

HOT: Final = replace(PRODUCTS, name="rustok.hot")
_HOUR_MS: Final = 3_600_000
_HIGHEST_VERSION: Final = 1_000_000_000


class Nowhere:
    """A store that keeps nothing: what is left is the cost of the feed itself."""

    is_transactional = False

    def open(self) -> None: ...
    def birth(self) -> str:
        return ""

    def positions(self) -> Mapping[Partition, HeldOffset]:
        return {}

    def begin(self, partitions: Mapping[Partition, HeldOffset]) -> None: ...
    def freshness(self) -> Freshness:
        return Freshness()

    def write(self, changes: Sequence[DocumentChange], positions: Positions) -> Sequence[StoreRefusal]:
        return ()

    def publish(self, freshness: Freshness) -> Freshness:
        return freshness

    def find(self, *_: object) -> DocumentChange | None:
        return None

    def scan(self, *_: object) -> Iterator[DocumentChange]:
        return iter(())

    def close(self) -> None: ...


class _NoStore:
    shape = None
    is_shared = True

    def sink(self, settings: Settings, model: ReadModel, *, goes_live: bool) -> Sink:
        return Nowhere()

    def published(self, settings: Settings, model: ReadModel) -> PublishedModel:
        raise NotImplementedError("nobody reads what is nowhere")

    def builds(self, settings: Settings, model: ReadModel) -> None:
        return None

    def place(self, settings: Settings, model: ReadModel) -> str:
        return "nowhere"


_NOWHERE: Final = ReadModel(
    name="nowhere",
    version=1,
    projections=(
        Projection(topic=HOT, aggregate="product", collection="products", fold=product_documents.product_document),
    ),
    store=_NoStore(),
    batch=6000,
)
_PUBLISH_S: Final = 0.5


def scratch_topic(topic: Topic, mark: str) -> Topic:
    return replace(topic, name=f"{topic.name}.{mark}", compacted=False, retention_ms=_HOUR_MS)


def scratch_model(name: str, mark: str, version: int) -> ReadModel:
    """The read model `name` as it is, on the topics of the scratch world `mark`."""
    real = next(model for model in (*READ_MODELS, _NOWHERE) if model.name == name)
    projections = tuple(replace(each, topic=scratch_topic(each.topic, mark)) for each in real.projections)
    return replace(real, version=version, projections=projections, publish_s=_PUBLISH_S)


@dataclass(frozen=True, slots=True)
class World:
    """`folder` is for files; `used` are the read models and `groups` the other consumer groups that were here."""

    settings: Settings
    mark: str
    folder: Path
    schemas_url: str
    used: list[ReadModel] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """What all processes of this world say."""
        return self.folder / "processes.log"

    def next_feed(self, name: str) -> ReadModel:
        """The read model `name`, before it is fed with anything."""
        version = secrets.randbelow(_HIGHEST_VERSION) + _HIGHEST_VERSION
        self.used.append(scratch_model(name, self.mark, version))
        return self.used[-1]

    def next_group(self, name: str) -> str:
        self.groups.append(f"{name}-{self.mark}-{len(self.groups)}")
        return self.groups[-1]

    def topic(self, topic: Topic) -> Topic:
        return scratch_topic(topic, self.mark)

    def produce(self, topic: Topic, events: Iterable[Sent]) -> int:
        """Returns when all are in Kafka; gives how many there were."""
        producer = kafka_clients.producer(
            self.settings.kafka,
            {
                "partitioner": "murmur2_random",
                "enable.idempotence": True,
                "linger.ms": 20,
                "queue.buffering.max.messages": 1_000_000,
            },
        )
        number = 0
        for number, event in enumerate(events, start=1):  # noqa: B007  # counted
            producer.produce(self.topic(topic).name, event.value, event.key, headers=event.headers)
            producer.poll(0)
        if producer.flush(60.0):
            raise TimeoutError("Kafka did not take the backlog in a minute")
        return number


@contextmanager
def world(settings: Settings, topics: Iterable[Topic]) -> Iterator[World]:
    mark = f"scratch-{secrets.token_hex(4)}"
    made = [scratch_topic(topic, mark) for topic in topics]
    folder = Path(tempfile.mkdtemp(prefix="rustok-bench-"))
    with schema_source() as schemas_url:
        here = World(settings, mark, folder, schemas_url)
        try:
            # A feed reads also what there is of decisions; in a stack that never ran there is nothing yet.
            make_topics.make(settings.kafka, (*ALL, *made))
            yield here
        finally:
            _remove(here, [topic.name for topic in made])


def _remove(here: World, topics: Sequence[str]) -> None:
    shutil.rmtree(here.folder, ignore_errors=True)
    store = OpenSearchStore(here.settings.opensearch)
    for used in here.used:
        for projection in used.projections:
            store.drop_index(index_name(used, projection.collection))
    store.close()
    admin = kafka_clients.admin(here.settings.kafka, {"log_level": 3})
    for future in admin.delete_topics(list(topics)).values():
        with contextlib.suppress(KafkaException):
            future.result()
    own = [f"{kind}-{used.id}" for used in here.used for kind in ("feed", "parked")]
    _remove_groups(admin, [*here.groups, *own])


def _remove_groups(admin: AdminClient, groups: Sequence[str]) -> None:
    """A static member stays in its group until its session is over: Kafka itself forgets such a group later, for what
    it has read is gone.
    """
    if groups:
        for future in admin.delete_consumer_groups(list(groups)).values():
            with contextlib.suppress(KafkaException):
                future.result()
