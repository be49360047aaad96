"""A build that is filled from the tables has all of them, whoever is killed meanwhile, and then reads the log on."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ops.failure import Failure
from schemas.events.page import PageDeleted, PageUpdated
from schemas.write_model import Owner, Stated
from sinks.memory_sink import MemorySink
from sinks.rebuild import fill_from_tables
from sinks.rebuild.fill_from_tables import Filling
from sinks.rebuild.filled_so_far import FilledSoFar
from sinks.search.page_documents import MODEL
from sinks.sink import HeldOffset, StoreLost, StoreRefusal, Unavailable
from tests.support.examples import envelope, page

PAGE = 4
SHOPS = (Owner(UUID(int=1), "first"), Owner(UUID(int=2), "second"))
ENDS = {("rustok.page", 0): HeldOffset(topic_id="pages", next=70, until=70)}


class Tables:
    """Pages of two shops."""

    def __init__(self, number: int) -> None:
        self.told: dict[UUID, dict[UUID, Stated]] = {shop.id: {} for shop in SHOPS}
        for shop in SHOPS:
            for _ in range(number):
                self.put(shop)

    def put(self, shop: Owner) -> UUID:
        id_ = uuid4()
        about = envelope("page.updated", tenant_id=shop.id, aggregate_id=id_, aggregate_version=4)
        self.told[shop.id][id_] = Stated(about, PageUpdated(page=page("Opening hours", id=id_), changed=()))
        return id_

    def owners(self, slugs=()):
        return SHOPS[::-1]

    def count(self, aggregate, owners):
        return sum(len(self.told[owner.id]) for owner in owners)

    def ids(self, aggregate, tenant_id, after, limit):
        return [id_ for id_ in sorted(self.told[tenant_id]) if after is None or id_ > after][:limit]

    def state(self, aggregate, tenant_id, ids):
        return {id_: self.told[tenant_id][id_] for id_ in ids}


class Store(MemorySink):
    """Counts what it is given, and does what a test says before it takes it."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[int] = []
        self.before_write = lambda: None
        self.refuses: UUID | None = None

    def write(self, changes, positions):
        self.before_write()
        for change in changes:
            if change.id == self.refuses:
                return [StoreRefusal(change, "too sour")]
        self.taken.append(len(changes))
        return super().write(changes, positions)


class Killed(Exception):
    pass


class World:
    def __init__(self, path: Path, number: int = PAGE + 3) -> None:
        self.path, self.tables, self.store = path / "filling.json", Tables(number), Store()
        self.said: list[str] = []

    def fill(self, so_far: FilledSoFar | None = None) -> None:
        begun = so_far or FilledSoFar(birth=self.store.birth(), ends=ENDS, documents={})
        Filling(MODEL, self.store, self.tables, self.path, lambda words, progress=None: self.said.append(words)).run(
            begun
        )

    def held(self) -> set[UUID]:
        return {change.id for change in self.store.scan("pages")}

    def wanted(self) -> set[UUID]:
        return {id_ for told in self.tables.told.values() for id_ in told}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(fill_from_tables, "PAGE", PAGE)
    return World(tmp_path)


def test_the_store_has_all_and_reads_the_log_on_from_its_end(world: World) -> None:
    world.fill()

    assert world.held() == world.wanted()
    assert world.store.positions() == ENDS
    assert world.store.taken == [PAGE, 3, PAGE, 3]
    assert world.said[-1] == f"{2 * PAGE + 6:,} of {2 * PAGE + 6:,} rows, 0 s left"


@pytest.mark.parametrize("page_number", range(4))
def test_who_is_killed_goes_on_behind_the_last_page_that_the_store_has(world: World, page_number: int) -> None:
    def kill() -> None:
        if len(world.store.taken) == page_number:
            raise Killed

    world.store.before_write = kill
    with pytest.raises(Killed):
        world.fill()
    as_left = world.store.positions()
    world.store.before_write = lambda: None
    world.fill(FilledSoFar.read(world.path))

    assert as_left == {}
    assert (world.held(), world.store.positions()) == (world.wanted(), ENDS)
    assert world.store.taken == [PAGE, 3, PAGE, 3]


def test_the_ends_of_the_log_are_kept_from_before_the_first_page(world: World) -> None:
    def look() -> None:
        read = FilledSoFar.read(world.path)
        assert read is not None
        assert read.ends == ENDS

    world.store.before_write = look
    world.fill()

    read = FilledSoFar.read(world.path)
    assert read is not None
    assert (read.tenant_id, read.documents) == (SHOPS[1].id, {"page": len(world.wanted())})


def test_a_store_that_is_away_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    away = [Unavailable("it is away"), Unavailable("it is away")]
    monkeypatch.setattr("time.sleep", lambda _: None)

    def answer() -> None:
        if away:
            raise away.pop()

    world.store.before_write = answer
    world.fill()

    assert world.held() == world.wanted()
    assert world.said.count("it is away") == 2


def test_a_store_that_was_thrown_away_is_not_filled_on(world: World) -> None:
    world.store.before_write = lambda: world.store.lose() if len(world.store.taken) == 1 else None

    with pytest.raises(StoreLost):
        world.fill()


def test_what_the_store_refuses_ends_it_with_its_name(world: World) -> None:
    world.store.refuses = world.tables.put(SHOPS[1])

    with pytest.raises(Failure, match=f"No document can be made of page {world.store.refuses}: too sour"):
        world.fill()
    assert world.store.positions() == {}


def test_what_no_document_can_be_made_of_ends_it_with_its_name(world: World) -> None:
    bad = world.tables.put(SHOPS[0])
    world.tables.told[SHOPS[0].id][bad] = Stated(envelope("page.updated", aggregate_id=bad), object())

    with pytest.raises(Failure, match=f"No document can be made of page {bad}: AttributeError"):
        world.fill()


def test_what_is_gone_is_told_as_gone(world: World) -> None:
    gone = world.tables.put(SHOPS[0])
    told = world.tables.told[SHOPS[0].id][gone]
    world.tables.told[SHOPS[0].id][gone] = Stated(told.envelope, PageDeleted(page=told.event.page))
    world.fill()

    assert {one.id for one in world.store.scan("pages") if one.document is None} == {gone}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"birth": 1, "ends": [{}]}', "\udcff"])
def test_a_file_that_nobody_wrote_to_its_end_says_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "filling.json"
    path.write_bytes(text.encode(errors="surrogateescape"))

    assert FilledSoFar.read(path) is None
    assert FilledSoFar.read(tmp_path / "none.json") is None
