from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from prometheus_client import REGISTRY

from api.http.search_log import MOST, SearchLogs
from api.store.errors import StoreDown
from tests.support.search_logs import logged_action, logged_search
from tests.support.waiting import wait_until

SHOP, OTHER = uuid4(), uuid4()


@dataclass
class Log:
    """Takes events, unless it is away."""

    told: list[tuple[UUID, Any]] = field(default_factory=list)
    is_away: bool = False

    def tell(self, leaving: Sequence[tuple[UUID, Any]], cause: object) -> None:
        if self.is_away:
            raise StoreDown
        self.told.extend((tenant_id, decision.value) for tenant_id, decision in leaving)


def lost() -> float:
    return REGISTRY.get_sample_value("rustok_search_log_lost_total") or 0.0


def test_what_came_in_together_is_one_event_of_each_shop() -> None:
    log = Log()
    logs = SearchLogs(log)  # type: ignore[arg-type]  # what it uses of a store
    cheese, theirs = logged_search("cheese"), logged_search("theirs")

    logs.note(SHOP, cheese, logged_action(cheese))
    logs.note(OTHER, theirs)
    wait_until(lambda: len(log.told) == 2, 5, "both are written by themselves")
    logs.close()

    assert [(tenant, [one.text for one in made.searches], len(made.actions)) for tenant, made in log.told] == [
        (SHOP, ["cheese"], 1),
        (OTHER, ["theirs"], 0),
    ]


def test_while_the_store_is_away_notes_wait_in_their_order_and_what_finds_no_room_is_counted() -> None:
    log = Log(is_away=True)
    logs = SearchLogs(log)  # type: ignore[arg-type]  # what it uses of a store
    before = lost()

    logs.note(SHOP, *(logged_search(f"{n}") for n in range(MOST - 1)))
    logs.flush()
    logs.note(SHOP, logged_search("fits"), logged_search("too much"))
    logs.flush()
    log.is_away = False
    logs.close()

    texts = [one.text for _, made in log.told for one in made.searches]
    assert (len(texts), texts[0], texts[-1]) == (MOST, "0", "fits")
    assert max(len(made.searches) for _, made in log.told) == 1000
    assert lost() - before == 1
