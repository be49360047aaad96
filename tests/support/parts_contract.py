"""What every store must make of documents that have parts of several aggregates: whatever order the events come in.

A test class inherits this and says how its stores are made, and what readers see of a document.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.topics import CATEGORIES, ORDERS, PRODUCTS
from sinks.compose_parts import joined
from sinks.duckdb.fact_tables import Facts
from sinks.read_model import Projection, ReadModel
from sinks.sink import DocumentChange, Part
from sinks.stores import InDuckDB

FACTS: Final = (
    Facts(
        table="shelf",
        columns={"title": "VARCHAR"},
        views={
            "whole_shelf": """
                SELECT *,
                    (SELECT list({'id': id::VARCHAR, 'on_hand': on_hand} ORDER BY id::VARCHAR) FROM shelf_stock AS part
                     WHERE part.tenant_id = shelf.tenant_id AND part.document_id = shelf.id) AS stock,
                    (SELECT list({'id': id::VARCHAR, 'stars': stars} ORDER BY id::VARCHAR) FROM shelf_rating AS part
                     WHERE part.tenant_id = shelf.tenant_id AND part.document_id = shelf.id) AS rating
                FROM shelf
            """
        },
    ),
    Facts(table="shelf_stock", part_of="shelf", part="stock", columns={"on_hand": "BIGINT"}),
    Facts(table="shelf_rating", part_of="shelf", part="rating", columns={"stars": "BIGINT"}),
)
FIELDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "shelf": {
        "title": {"type": "text"},
        "stock": {"properties": {"on_hand": {"type": "long"}}},
        "rating": {"properties": {"stars": {"type": "long"}}},
    }
}
MODEL: Final = ReadModel(
    name="shelf",
    version=1,
    projections=(
        Projection(topic=PRODUCTS, aggregate="product", collection="shelf", fold=lambda *_: _never()),
        Projection(topic=ORDERS, aggregate="stock", collection="shelf", part="stock", fold=lambda *_: _never()),
        Projection(topic=CATEGORIES, aggregate="rating", collection="shelf", part="rating", fold=lambda *_: _never()),
    ),
    store=InDuckDB(FACTS),
)

#: (document, part, aggregate): two documents; two aggregates of one kind in one of them.
AGGREGATES: Final = ((0, "", 0), (0, "stock", 1), (0, "stock", 2), (0, "rating", 3), (1, "", 4), (1, "stock", 5))
#: (aggregate, version, whether it is gone then)
Said = tuple[int, int, bool]


class PartsContract:
    """`opened` gives a store that holds nothing; `seen` what its readers see of one document."""

    def opened(self) -> AbstractContextManager[Any]:
        raise NotImplementedError

    def seen(self, sink: Any, tenant_id: UUID, id_: UUID) -> Mapping[str, Any] | None:
        raise NotImplementedError

    def throw_away(self, sink: Any) -> None:
        raise NotImplementedError

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def test_any_order_repetition_loss_and_replay_gives_the_same_documents(self, data: st.DataObject) -> None:
        gone = data.draw(st.sets(st.tuples(st.integers(0, len(AGGREGATES) - 1), st.integers(1, 3))))
        told = data.draw(st.lists(st.tuples(st.integers(0, len(AGGREGATES) - 1), st.integers(1, 3)), max_size=24))
        said = [(aggregate, version, (aggregate, version) in gone) for aggregate, version in told]
        replayed = data.draw(st.permutations(said))
        sizes = data.draw(st.lists(st.integers(1, 5), min_size=24, max_size=24))
        is_lost = data.draw(st.booleans())
        world = World()

        with self.opened() as sink:
            for batch in _cut(said, sizes):
                sink.write([world.change(*one) for one in batch], {})
            if is_lost:
                self.throw_away(sink)
                sink.open()
            for batch in _cut(replayed, sizes):
                sink.write([world.change(*one) for one in batch], {})
            held = set(map(_key, sink.scan("shelf", world.tenant_id)))
            documents = [self.seen(sink, world.tenant_id, id_) for id_ in world.documents]

        newest = {aggregate: max(one for one in said if one[0] == aggregate) for aggregate, _, _ in said}
        wanted = [world.change(*one) for one in newest.values()]
        assert held == set(map(_key, wanted))
        assert documents == [joined(one for one in wanted if one.id == id_) for id_ in world.documents]

    def test_a_part_before_its_document_is_kept_and_not_seen(self) -> None:
        world = World()

        with self.opened() as sink:
            sink.write([world.change(1, 1)], {})
            alone = self.seen(sink, world.tenant_id, world.documents[0])
            sink.write([world.change(0, 1)], {})
            together = self.seen(sink, world.tenant_id, world.documents[0])

        assert alone is None
        assert together == {"title": "v1", "stock": [{"id": str(world.ids[1]), "on_hand": 1}]}

    def test_a_document_that_is_hidden_and_comes_back_has_its_parts(self) -> None:
        world = World()

        with self.opened() as sink:
            sink.write([world.change(0, 1), world.change(3, 2)], {})
            sink.write([world.change(0, 2, is_gone=True)], {})
            hidden = self.seen(sink, world.tenant_id, world.documents[0])
            sink.write([world.change(3, 3), world.change(0, 3)], {})
            back = self.seen(sink, world.tenant_id, world.documents[0])

        assert hidden is None
        assert back == {"title": "v3", "rating": [{"id": str(world.ids[3]), "stars": 3}]}

    def test_a_part_said_again_repairs_it_and_nothing_else(self) -> None:
        world = World()
        damaged = replace(world.change(1, 2), document={"on_hand": 999})

        with self.opened() as sink:
            sink.write([world.change(0, 5), damaged, world.change(2, 1)], {})
            sink.write([world.change(1, 2)], {})
            found = sink.find("shelf", world.tenant_id, damaged.id, damaged.part)
            whole = self.seen(sink, world.tenant_id, world.documents[0])

        assert found == world.change(1, 2)
        assert whole == joined([world.change(0, 5), world.change(1, 2), world.change(2, 1)])

    def test_another_tenant_has_no_part_in_a_document(self) -> None:
        ours, theirs = World(), World()
        stranger = replace(ours.change(1, 9), tenant_id=theirs.tenant_id)

        with self.opened() as sink:
            sink.write([ours.change(0, 1), ours.change(1, 1)], {})
            sink.write([stranger], {})
            seen = self.seen(sink, ours.tenant_id, ours.documents[0])

        assert seen == joined([ours.change(0, 1), ours.change(1, 1)])


class World:
    """Ids of its own for the aggregates above, and what their events are folded to."""

    def __init__(self) -> None:
        self.tenant_id = uuid4()
        self.ids = [uuid4() for _ in AGGREGATES]
        self.documents = (self.ids[0], self.ids[4])

    def change(self, aggregate: int, version: int, is_gone: bool = False) -> DocumentChange:
        document, part, _ = AGGREGATES[aggregate]
        value = {"": {"title": f"v{version}"}, "stock": {"on_hand": version}, "rating": {"stars": version}}[part]
        return DocumentChange(
            collection="shelf",
            tenant_id=self.tenant_id,
            id=self.documents[document],
            version=version,
            document=None if is_gone else value,
            part=Part(part, self.ids[aggregate]) if part else None,
        )


def _never() -> DocumentChange:
    raise AssertionError("nothing is folded here")


def _cut(said: list[Said], sizes: list[int]) -> Iterator[list[Said]]:
    left = list(said)
    for size in sizes:
        yield left[:size]
        left = left[size:]


def _key(change: DocumentChange) -> tuple[Any, ...]:
    document = None if change.document is None else tuple(sorted(change.document.items()))
    return change.id, change.part, change.version, document
