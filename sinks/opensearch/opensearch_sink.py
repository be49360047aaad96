"""Keeps a read model in OpenSearch: one index per collection and model version, of whole documents.

A document's version is the aggregate's: OpenSearch itself refuses to go back. A document with parts of several
aggregates has the version of each in it (`sinks.opensearch.document_parts`). What must not be seen stays as a
tombstone (`shown: false`): a deleted document's version is forgotten after a minute, and an old event would revive it.
Nothing refreshes an index but `publish`, so that what a reader sees and what the freshness says belong together. Where
an index has several shards, or copies of them, these are refreshed one after the other: there documents are shown
first, and only then is said how fresh they are.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import orjson
import structlog

from sinks.builds import Build, Led, may_lead
from sinks.freshness import BUILDING, Freshness
from sinks.opensearch import document_parts, index_state
from sinks.opensearch.index_builds import IndexBuilds
from sinks.opensearch.index_reader import read_states
from sinks.opensearch.index_spread import ALONE, IndexSpread
from sinks.opensearch.index_state import IndexState, PartitionState
from sinks.opensearch.opensearch_answers import read_answer
from sinks.opensearch.opensearch_client import OpenSearchStore, TooLarge, alias_of, index_name
from sinks.read_model import ReadModel
from sinks.sink import DocumentChange, HeldOffset, Part, Partition, Positions, StoreLost, StoreRefusal, Unavailable

_COMMON_FIELDS: Final = {"tenant_id": {"type": "keyword"}, "shown": {"type": "boolean"}}
_LARGEST_BULK: Final = 16 * 1024 * 1024
_CONFLICT: Final = 409
_MISSING: Final = 404
_BIRTH: Final = "birth"
_TRIES: Final = 5
_LOOKS_EVERY_S: Final = 0.5

log = structlog.get_logger(__name__)

_Action = tuple[DocumentChange, bytes]


class OpenSearchSink:
    """Keeps the promise of `sinks.sink.Sink`. How far it has come is in each index (`sinks.opensearch.index_state`).

    It writes to an alias that only the index has that was opened: what is put in its place is never written to.
    """

    is_transactional = False

    def __init__(
        self,
        store: OpenSearchStore,
        model: ReadModel,
        fields: Mapping[str, Mapping[str, Any]],
        *,
        goes_live: bool = False,
        spread: IndexSpread = ALONE,
    ) -> None:
        """`goes_live`: readers are led to it as soon as it is vouched for. `spread`: of an index that it makes."""
        self.store = store
        self._goes_live = goes_live
        self._spread = spread
        self._is_spread = False
        self._model = model
        self._fields = fields
        self._saved: dict[str, IndexState] = {}
        self._own: dict[Partition, HeldOffset] = {}
        self._builds = IndexBuilds(store, model)
        self._build = Build(model.version, model.build or 1)
        self._looked_s = 0.0

    def open(self) -> None:
        self._own, self._looked_s = {}, 0.0
        self._build = self._model.fed(self._builds.led())
        for collection, fields in self._fields.items():
            birth = self._made(self.index(collection), {**_COMMON_FIELDS, **self._with_parts(collection, fields)})
            self._saved[collection] = IndexState(birth=birth)
        for collection, state in self._read().items():
            if state is None:
                self._save({collection: self._saved[collection]})
            else:
                self._saved[collection] = state
        if self._goes_live:
            self._lead_readers(self._builds.led(), Freshness(withheld=BUILDING))

    def birth(self) -> str:
        return ".".join(state.birth for state in self._saved.values())

    def positions(self) -> Mapping[Partition, HeldOffset]:
        """What every index has begun with that is fed from a partition, as far as the one that is furthest behind."""
        states = self._current()
        known = {partition for state in states.values() for partition in state.partitions}
        found: dict[Partition, HeldOffset] = {}
        for partition in known:
            told = [states[collection].partitions.get(partition) for collection in self._fed_from(partition)]
            held = [one.held for one in told if one is not None]
            if len(held) == len(told) and len({one.topic_id for one in held}) == 1:
                found[partition] = min(held, key=lambda one: one.next)
        return found

    def begin(self, partitions: Mapping[Partition, HeldOffset]) -> None:
        self._own = dict(partitions)
        self._saved = self._current()
        saying: dict[str, IndexState] = {}
        for collection, state in self._saved.items():
            said = {p: PartitionState(held=held) for p, held in self._of(collection) if not _continues(state, p, held)}
            saying[collection] = state.saying(said)
        self._save(saying)

    def write(self, changes: Sequence[DocumentChange], positions: Positions) -> Sequence[StoreRefusal]:
        actions, refused = self._actions(changes)
        for part in _bulks(actions):
            refused += self._write(part)
        if not refused:
            for partition in positions.keys() & self._own.keys():
                self._own[partition] = replace(self._own[partition], next=positions[partition])
        return refused

    def freshness(self) -> Freshness:
        return self._together(self._current())

    def publish(self, freshness: Freshness) -> Freshness:
        """What is read of an index is as of its last refresh: its documents, and what it says of itself."""
        saying = {}
        for collection, state in self._saved.items():
            said = {
                (topic, number): PartitionState(
                    held=held,
                    as_of=freshness.by_partition.get(f"{topic}/{number}", _as_of(state, (topic, number))),
                    withheld=freshness.withheld,
                )
                for (topic, number), held in self._of(collection)
            }
            saying[collection] = state.saying(said)
        self._save(saying)
        told = self._together(self._saved)
        self._look_at_readers(told)
        return told

    def find(
        self,
        collection: str,
        tenant_id: UUID,
        id: UUID,  # noqa: A002
        part: Part | None = None,
    ) -> DocumentChange | None:
        hit = self.store.get(self.index(collection), str(id), routing=str(tenant_id))
        held = () if hit is None else document_parts.changes_of(collection, hit, self._model.parts_of(collection))
        # The routing only says on which shard to look, and another tenant's document may be there, too.
        return next((change for change in held if (change.tenant_id, change.part) == (tenant_id, part)), None)

    def scan(self, collection: str, tenant_id: UUID | None = None) -> Iterator[DocumentChange]:
        self.store.refresh([self.index(collection)])
        query = {"term": {"tenant_id": str(tenant_id)}} if tenant_id else {"exists": {"field": "tenant_id"}}
        parts = self._model.parts_of(collection)
        for page in self.store.pages(self.index(collection), {"query": query}):
            for hit in page:
                yield from document_parts.changes_of(collection, hit, parts)

    def close(self) -> None:
        self.store.close()

    def _look_at_readers(self, told: Freshness) -> None:
        """Now and then. Raises `StoreLost` when another build of this version is theirs, or soon: it is to be fed."""
        if time.monotonic() - self._looked_s < _LOOKS_EVERY_S:
            return
        self._looked_s = time.monotonic()
        led = self._builds.led()
        if self._goes_live:
            self._lead_readers(led, told)
        if (now := self._model.fed(led)) != self._build:
            raise StoreLost(f"{now} of {self._model.name} is to be fed, and not {self._build}", retry_after_s=0)

    def _lead_readers(self, led: Led, told: Freshness) -> None:
        """To this build: if they are led to none, if it is their next, and if it is whole and of a newer version."""
        is_torn = led.live == self._build and not led.whole
        if led.live is None or is_torn or may_lead(self._builds, led, self._build, told):
            self._builds.lead(self._build)
            log.info("readers_led", model=self._model.id, build=str(self._build), before=led.live and str(led.live))

    def index(self, collection: str) -> str:
        return index_name(self._model, collection, self._build)

    def _alias(self, collection: str) -> str:
        return alias_of(self.index(collection), self._saved[collection].birth)

    def _fed_from(self, partition: Partition) -> list[str]:
        """The collections that are made of this topic; of one that the model does not name, all."""
        own = [one.collection for one in self._model.projections if one.topic.name == partition[0]]
        return own or list(self._fields)

    def _of(self, collection: str) -> list[tuple[Partition, HeldOffset]]:
        return [(p, held) for p, held in self._own.items() if collection in self._fed_from(p)]

    def _together(self, states: Mapping[str, IndexState]) -> Freshness:
        return index_state.freshness(list(states.values()), self._model.complete(Freshness()).expected)

    def _made(self, name: str, fields: Mapping[str, Any]) -> str:
        """The birth of the index, which is made if there is none, or only one that no feed has made."""
        settings = {"index": {**self._spread.settings(), "refresh_interval": "-1"}}
        while True:
            found = self.store.described(name)
            if found is not None:
                birth: str = found["mappings"].get("_meta", {}).get(_BIRTH, "")
                if birth and alias_of(name, birth) in found["aliases"]:
                    return birth
                log.warning("index_replaced", index=name, reason="it was not made by a feed")
                self.store.drop_index(name)
            birth = uuid4().hex
            about = {_BIRTH: birth}
            if self.store.create_index(name, settings, {**index_state.MAPPING, **fields}, alias_of(name, birth), about):
                log.info("index_made", index=name, birth=birth)
                return birth

    def _read(self) -> dict[str, IndexState | None]:
        return dict(zip(self._saved, read_states(self.store, map(self._alias, self._saved)), strict=True))

    def _current(self) -> dict[str, IndexState]:
        """What the indices say that were opened."""
        found: dict[str, IndexState] = {}
        for collection, state in self._read().items():
            if state is None or state.birth != self._saved[collection].birth:
                raise StoreLost(f"{self.index(collection)} does not say any more how far it has come", retry_after_s=0)
            found[collection] = state
        return found

    def _as_left(self) -> dict[str, IndexState]:
        """The same; raises `StoreLost` when they say something else of our partitions than this process said."""
        current = self._current()
        for collection, state in current.items():
            saved = self._saved[collection].partitions
            if any(state.partitions.get(p) != saved.get(p) for p, _ in self._of(collection)):
                raise StoreLost(f"{self.index(collection)} is another one, or fed by somebody else", retry_after_s=0)
        return current

    def _save(self, saying: Mapping[str, IndexState]) -> None:
        """Keeps what the indices say of themselves and shows it to readers."""
        left, aliases = dict(saying), [self._alias(collection) for collection in saying]
        if self._is_spread:
            self.store.refresh(aliases)
        for _ in range(_TRIES):
            answers = self.store.items(b"".join(self._state_action(c, state) for c, state in left.items()))
            again: dict[str, IndexState] = {}
            for (collection, state), answer in zip(left.items(), answers, strict=True):
                if answer["status"] == _MISSING:
                    raise StoreLost(f"{self.index(collection)} was thrown away or replaced", retry_after_s=0)
                if answer["status"] == _CONFLICT:
                    again[collection] = state
                elif answer["status"] >= 400:
                    raise Unavailable(f"{self.index(collection)}: {read_answer(answer).reason}")
                else:
                    revision = (answer["_seq_no"], answer["_primary_term"])
                    self._saved[collection] = replace(state, revision=revision)
            if not again:
                self._is_spread = self.store.refresh(aliases) > len(aliases)
                return
            # Another process that feeds this model was first: its partitions are its own.
            now = self._as_left()
            left = {
                c: now[c].saying({p: state.partitions[p] for p, _ in self._of(c) if p in state.partitions})
                for c, state in again.items()
            }
        raise Unavailable("other processes keep changing what the indices say of themselves")

    def _state_action(self, collection: str, state: IndexState) -> bytes:
        action: dict[str, Any] = {"_index": self._alias(collection), "_id": index_state.ID}
        if state.revision is None:
            action["op_type"] = "create"
        else:
            action["if_seq_no"], action["if_primary_term"] = state.revision
        return b"%b\n%b\n" % (orjson.dumps({"index": action}), orjson.dumps(state.document()))

    def _actions(self, changes: Sequence[DocumentChange]) -> tuple[list[_Action], list[StoreRefusal]]:
        """What is sent for each change, and those that JSON has no words for."""
        actions: list[_Action] = []
        refused: list[StoreRefusal] = []
        for change in changes:
            try:
                actions.append((change, self._action(change)))
            except (TypeError, ValueError) as unsayable:  # only of the document: nothing else is in it
                refused.append(StoreRefusal(change, f"the document is no JSON: {unsayable}"))
        return actions, refused

    def _write(self, part: Sequence[_Action]) -> list[StoreRefusal]:
        try:
            answers = self.store.bulk(b"".join(lines for _, lines in part))
        except TooLarge:
            if len(part) == 1:
                return [
                    StoreRefusal(part[0][0], f"a document of {len(part[0][1])} bytes is more than OpenSearch takes")
                ]
            half = len(part) // 2
            return [*self._write(part[:half]), *self._write(part[half:])]
        if len(answers) != len(part):
            raise Unavailable(f"OpenSearch gives {len(answers)} answers to {len(part)} documents")
        refused = []
        for (change, _), answer in zip(part, answers, strict=True):
            match answer.kind:
                case "taken":
                    continue
                case "refused":
                    refused.append(StoreRefusal(change, answer.reason))
                case "lost":
                    raise StoreLost(answer.reason, about=change)
                case "wait":
                    raise Unavailable(answer.reason, about=change)
        return refused

    def _with_parts(self, collection: str, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        parts = self._model.parts_of(collection)
        own = document_parts.OWN_FIELDS if parts else {}
        listed = {
            name: {"properties": {**document_parts.PART_FIELDS, **fields[name].get("properties", {})}} for name in parts
        }
        return {**own, **fields, **listed}

    def _action(self, change: DocumentChange) -> bytes:
        parts = self._model.parts_of(change.collection)
        if parts:
            return document_parts.write_action(change, self._alias(change.collection), parts)
        tenant = str(change.tenant_id)
        action = {
            "_index": self._alias(change.collection),
            "_id": str(change.id),
            "routing": tenant,
            "version": change.version,
            "version_type": "external_gte",
        }
        document = {"tenant_id": tenant, "shown": change.document is not None, **(change.document or {})}
        return b"%b\n%b\n" % (orjson.dumps({"index": action}), orjson.dumps(document))


def _bulks(actions: Sequence[_Action]) -> Iterator[list[_Action]]:
    part: list[_Action] = []
    size = 0
    for action in actions:
        part.append(action)
        size += len(action[1])
        if size > _LARGEST_BULK:
            yield part
            part, size = [], 0
    if part:
        yield part


def _continues(state: IndexState, partition: Partition, held: HeldOffset) -> bool:
    """Whether what an index says of a partition stays true."""
    told = state.partitions.get(partition)
    return told is not None and told.held == held


def _as_of(state: IndexState, partition: Partition) -> datetime | None:
    told = state.partitions.get(partition)
    return None if told is None else told.as_of
