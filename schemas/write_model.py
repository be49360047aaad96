"""Promises what the owner of the tables can say: the state of every aggregate, and to emit it again through the log.

The tables belong to one room, and others need to ask: which documents should there be, and write these events again.
They find the keeper through the entry points `rustok.write_models` and know it by this promise only.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import entry_points
from typing import Any, Final, Protocol
from uuid import UUID

from schemas.envelope import Envelope
from schemas.events.quality import Quality

GROUP: Final = "rustok.write_models"
#: The actor of what is emitted again: nothing has happened.
REEMITTED_BY: Final = "rustok:re-emit"


@dataclass(frozen=True, slots=True)
class Stated:
    """An event that says what an aggregate is now (or that it is gone), under the version it has."""

    envelope: Envelope
    event: Any


@dataclass(frozen=True, slots=True)
class Owner:
    """A tenant, as operators name it."""

    id: UUID
    slug: str


@dataclass(frozen=True, slots=True)
class Ghost:
    """An aggregate that the log tells of and the tables never had: what was last said of it, at which version."""

    aggregate_id: UUID
    version: int
    event: Any


@dataclass(frozen=True, slots=True)
class Epoch:
    """`raised_at`: by whoever began it; None for the first."""

    number: int
    raised_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reemission:
    """How far a re-emission has come; its place is committed together with the events before it.

    `emitted` counts aggregates, `deletions` those of them that are gone. `tenant_id` is the last one worked on.
    """

    id: UUID
    aggregate: str
    tenant_id: UUID | None
    emitted: int
    deletions: int
    finished: bool


@dataclass(frozen=True, slots=True)
class KeptHistory:
    """Of one aggregate: the versions whose events are kept, and when some were last emitted again; None: never."""

    versions: frozenset[int]
    emitted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSums:
    """What the orders of a shop, a month (by when they were placed, in UTC) and a currency add up to.

    `versions` is the sum of theirs: where it is the same again nothing has changed.
    """

    orders: int
    versions: int
    paid: int
    total_minor: int
    tax_minor: int
    shipping_minor: int
    discount_minor: int
    lines: int
    lines_minor: int
    quantity: int


@dataclass(frozen=True, slots=True, order=True)
class SumsOf:
    """`month` is its first day."""

    tenant_id: UUID
    month: date
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSums:
    """What is on sale in a shop and a currency: products, their variants, and the sum of the lowest price of each."""

    products: int
    variants: int
    lowest_minor: int


@dataclass(frozen=True, slots=True)
class ToldOffers:
    """`versions` is the sum of the products': where it is the same again nothing has changed."""

    sums: OfferSums
    versions: int


@dataclass(frozen=True, slots=True, order=True)
class OffersOf:
    """`currency` is that of a product's first price; empty: it has none."""

    tenant_id: UUID
    currency: str


class NoSuchAggregate(ValueError):
    """The write model keeps no aggregates of this type."""


class NoSuchTenant(ValueError):
    """No tenant has this slug."""


class NothingToResume(ValueError):
    """No re-emission of this aggregate type was left unfinished."""


class Unreachable(Exception):
    """The keeper's store does not answer."""


class WriteModel(Protocol):
    """Every method but `now` raises `NoSuchAggregate` for a type it does not keep.

    Of dead letters (`dead_letter`) it keeps what people decided and no feed has done yet; that can only be counted and
    emitted again, from `begin` on.
    """

    def owners(self, slugs: Collection[str] = ()) -> Sequence[Owner]:
        """The tenants with these slugs, or all, by id. Raises `NoSuchTenant`."""

    def now(self) -> datetime:
        """The clock that watermarks go by: whatever was read before this is committed before it."""

    def count(self, aggregate: str, owners: Collection[Owner]) -> int:
        """How many there are; what is gone does not count."""

    def ids(self, aggregate: str, tenant_id: UUID, after: UUID | None, limit: int) -> Sequence[UUID]:
        """The next ids in order, of those that are there."""

    def sample(self, aggregate: str, tenant_id: UUID, number: int) -> Sequence[UUID]:
        """So many of them by chance."""

    def state(self, aggregate: str, tenant_id: UUID, ids: Collection[UUID]) -> Mapping[UUID, Stated]:
        """What these are now. One that is gone is told by its deletion; one that never was is missing."""

    def order_sums(self, without: Collection[UUID] = ()) -> Mapping[SumsOf, OrderSums]:
        """Of all orders but these, of one moment: of what was committed then, and nothing else."""

    def offer_sums(self) -> Mapping[OffersOf, ToldOffers]:
        """Of all products that are on sale, of one moment: of what was committed then, and nothing else."""

    def tell_of_check(self, quality: Quality) -> None:
        """Leaves an event of the platform's own that says what was found."""

    def reemit(self, aggregate: str, tenant_id: UUID, ids: Collection[UUID]) -> int:
        """Emits these again, through the outbox; returns how many there were. One transaction: give few."""

    def reemit_history(
        self,
        aggregate: str,
        tenant_id: UUID,
        wanted: Mapping[UUID, Sequence[range]],
        unless_since: Mapping[UUID, datetime] | None = None,
    ) -> int:
        """Emits events of these versions again, as they were and with their ids, and after them what each is now.

        Only what is kept of them can be, and only what is of this epoch; returns how many events that were. One
        transaction: give few. `unless_since`: of which of them nothing is emitted if that was done after this moment,
        by whomever; of several who want the same at once one does.
        """

    def kept_history(self, ids: Collection[UUID]) -> Mapping[tuple[str, UUID, UUID], KeptHistory]:
        """What `reemit_history` could emit of aggregates with these ids, by type, tenant and id; give many at once."""

    def told_since(self, moment: datetime) -> Mapping[tuple[str, UUID], Mapping[UUID, Sequence[range]]]:
        """What is kept of events since this moment, for `reemit_history`: their versions, by aggregate and tenant.

        Only what is of this epoch.
        """

    def epoch(self) -> Epoch:
        """The one events are written in."""

    def raise_epoch(self, above: int) -> Epoch:
        """Begins one that is above its own and this one."""

    def withdraw(self, aggregate: str, tenant_id: UUID, ghosts: Sequence[Ghost]) -> int:
        """Says of those that neither are there nor were deleted that they are gone; returns how many that were."""

    def begin(self, aggregate: str, owners: Collection[Owner] = ()) -> Reemission:
        """Notes that all of them (of these tenants, or of everybody) shall be emitted again."""

    def unfinished(self, aggregate: str) -> Reemission:
        """The one that was begun last and is not finished. Raises `NothingToResume`."""

    def covering(self, aggregate: str, since: datetime) -> Reemission | None:
        """The newest of all of them that was begun after this moment, finished or not; None when there is none."""

    def go_on(self, reemission: Reemission, limit: int) -> Reemission:
        """Emits at most `limit` more of them. An aggregate is emitted once, also when this dies at any moment."""


@contextmanager
def open_write_model(postgres_url: str) -> Iterator[WriteModel]:
    """The keeper of the truth, as installed. Raises `Unreachable` when it cannot be asked, at any time."""
    (entry,) = entry_points(group=GROUP)
    with entry.load()(postgres_url) as keeper:
        yield keeper
