"""Keeps what requests look up again and again, and looks up a thing once however many want it at the same moment.

What is known is good for `fresh_s`, or a tenth less, by chance, so that not everything ends at once. Until it is
`stale_s` old it is still given at once, while one look-up fetches it anew; older than that only while the source is
away, until it is `hard_s` old. What is not there may be there in a moment, so that is kept for a second, and apart: no
number of made-up names pushes out what is there.

A look-up runs in a thread of its own: whoever gives up waiting stops nobody, and none of them waits for ever.
"""

import math
import os
import random
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Final, Generic, TypeVar

from api.store.errors import StoreDown

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_JITTER: Final = 0.1
#: So many look-ups at a time; when the source does not answer nobody waits behind them.
_MOST_UNDER_WAY: Final = 64
#: One that takes longer is given up, and another one begins.
_LONGEST_S: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """For how long, and how many. `wait_s` is how long somebody waits for a look-up."""

    fresh_s: float
    stale_s: float = 0.0
    hard_s: float = 3600.0
    missing_s: float = 1.0
    most: int = 10_000
    most_missing: int = 1_000
    wait_s: float = 2.0


@dataclass(frozen=True, slots=True)
class _Kept(Generic[V]):
    """`fresh_until_s` has the jitter in it; ages count from `asked_s`, when it was asked for."""

    value: V | None
    asked_s: float
    fresh_until_s: float
    stale_until_s: float


@dataclass(slots=True, eq=False)
class _LookUp(Generic[V]):
    """One that is under way. `outdated`: what it finds may be older than what somebody has changed since."""

    asked_s: float
    done: threading.Event = field(default_factory=threading.Event)
    outdated: bool = False
    found: V | None = None
    failed: Exception | None = None


class KeptLookups(Generic[K, V]):
    """`look_up` gives None for what is not there, and raises `StoreDown` when its source does not answer.

    `count` is told each time whether a thing was known already.
    """

    def __init__(
        self,
        look_up: Callable[[K], V | None],
        now_s: Callable[[], float],
        keeping: Keeping,
        *,
        count: Callable[[bool], None] = lambda known: None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._look_up = look_up
        self._now_s = now_s
        self._keeping = keeping
        self._count = count
        self._chance = chance
        self._there: OrderedDict[K, _Kept[V]] = OrderedDict()
        self._missing: OrderedDict[K, _Kept[V]] = OrderedDict()
        self._under_way: dict[K, _LookUp[V]] = {}
        self._lock = threading.Lock()
        _begin_anew_when_forked(self)

    def find(self, wanted: K) -> V | None:
        """Raises `StoreDown` for what is not known and not found in time, and whatever else the look-up raised."""
        with self._lock:
            kept = self._kept(wanted)
            if kept is not None and kept.fresh_until_s <= self._now_s() < kept.stale_until_s:
                self._refresh(wanted)
            known = kept is not None and self._now_s() < kept.stale_until_s
        self._count(known)
        if kept is not None and known:
            return kept.value
        try:
            return self._wait_for(wanted, time.monotonic() + self._keeping.wait_s)
        except StoreDown:
            if kept is None or self._now_s() > kept.asked_s + self._keeping.hard_s:
                raise
            with self._lock:
                self._trust_a_moment(wanted)
            return kept.value

    def forget(self, matches: Callable[[K, V | None], bool]) -> None:
        """What matches has changed: it is looked up anew, and nothing that was asked for earlier is kept."""
        with self._lock:
            for shelf in (self._there, self._missing):
                for key in [key for key, kept in shelf.items() if matches(key, kept.value)]:
                    del shelf[key]
            self._outdate()

    def doubt_all(self) -> None:
        """Anything may have changed: it is looked up anew, and only good while the source is away."""
        with self._lock:
            for shelf in (self._there, self._missing):
                for key, kept in shelf.items():
                    shelf[key] = replace(kept, fresh_until_s=-math.inf, stale_until_s=-math.inf)
            self._outdate()

    def _kept(self, wanted: K) -> _Kept[V] | None:
        for shelf in (self._there, self._missing):
            if wanted in shelf:
                shelf.move_to_end(wanted)
                return shelf[wanted]
        return None

    def _wait_for(self, wanted: K, until_s: float) -> V | None:
        while True:
            with self._lock:
                kept = self._kept(wanted)  # somebody else may have found it just now
                if kept is not None and self._now_s() < kept.fresh_until_s:
                    return kept.value
                if wanted not in self._under_way and len(self._under_way) >= _MOST_UNDER_WAY:
                    raise StoreDown(retry_after_s=1)
                under_way = self._begin(wanted)
            if not under_way.done.wait(max(0.0, until_s - time.monotonic())):
                raise StoreDown(retry_after_s=1)
            if under_way.outdated:
                continue
            if under_way.failed is not None:
                raise under_way.failed
            return under_way.found

    def _refresh(self, wanted: K) -> None:
        """Nobody waits for it; with the lock."""
        if len(self._under_way) < _MOST_UNDER_WAY:
            self._begin(wanted)

    def _begin(self, wanted: K) -> _LookUp[V]:
        """Unless one is under way; with the lock."""
        if wanted in self._under_way and self._now_s() - self._under_way[wanted].asked_s < _LONGEST_S:
            return self._under_way[wanted]
        begun: _LookUp[V] = _LookUp(self._now_s())
        self._under_way[wanted] = begun
        threading.Thread(target=self._run, args=(wanted, begun), daemon=True, name="rustok-lookup").start()
        return begun

    def _run(self, wanted: K, begun: _LookUp[V]) -> None:
        try:
            begun.found = self._look_up(wanted)
        except Exception as error:  # noqa: BLE001  # the top of a thread: whoever waits raises it
            begun.failed = error
        with self._lock:
            if self._under_way.get(wanted) is begun:
                del self._under_way[wanted]
                if begun.failed is None:
                    self._keep(wanted, begun)
                else:
                    self._trust_a_moment(wanted)
        begun.done.set()

    def _keep(self, wanted: K, found: _LookUp[V]) -> None:
        there = found.found is not None
        fresh_s = self._keeping.fresh_s * (1 - _JITTER * self._chance())
        if not there:
            fresh_s = min(fresh_s, self._keeping.missing_s)
        stale_s = max(fresh_s, self._keeping.stale_s) if there else fresh_s
        self._there.pop(wanted, None)
        self._missing.pop(wanted, None)
        shelf, most = (self._there, self._keeping.most) if there else (self._missing, self._keeping.most_missing)
        shelf[wanted] = _Kept(found.found, found.asked_s, found.asked_s + fresh_s, found.asked_s + stale_s)
        while len(shelf) > most:
            shelf.popitem(last=False)

    def _trust_a_moment(self, wanted: K) -> None:
        """What is known, when the source is away: it is not asked by everybody, nor waited for again at once."""
        moment_s = self._now_s() + min(self._keeping.fresh_s, self._keeping.missing_s)
        for shelf in (self._there, self._missing):
            kept = shelf.get(wanted)
            if kept is not None and self._now_s() <= kept.asked_s + self._keeping.hard_s:
                shelf[wanted] = replace(
                    kept,
                    fresh_until_s=max(kept.fresh_until_s, moment_s),
                    stale_until_s=max(kept.stale_until_s, moment_s),
                )

    def _outdate(self) -> None:
        for one in self._under_way.values():
            one.outdated = True
        self._under_way.clear()

    def _begin_anew(self) -> None:
        """In a child: the look-ups of its parent are under way in no thread of it, and its lock may be held."""
        self._lock = threading.Lock()
        self._under_way = {}
        self._there, self._missing = OrderedDict(), OrderedDict()


def _begin_anew_when_forked(lookups: KeptLookups[K, V]) -> None:
    known = weakref.ref(lookups)

    def begin_anew() -> None:
        living = known()
        if living is not None:
            living._begin_anew()  # noqa: SLF001  # of this module

    os.register_at_fork(after_in_child=begin_anew)
