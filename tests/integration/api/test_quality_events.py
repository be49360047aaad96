"""What a check found leaves through the outbox, as the platform's; no shop can say such a thing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from api.store.store import NO_TENANT, Store
from ops.settings import Settings
from sinks.analytics import sales_facts
from sinks.quality.check_job import JOB
from tests.integration.api.outbox import Left, left
from tests.integration.api.shops import Shop
from tests.sinks.quality.test_check_snapshot import wrong
from tests.support.sound_snapshots import published, sound_sales
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def told(postgres: psycopg.Connection, since: datetime) -> list[Left]:
    found = [one for one in left(postgres, NO_TENANT) if one.type == "quality.checked"]
    return [one for one in found if one.event.quality.checked_at >= since]


def test_the_command_and_the_scheduler_tell_what_they_found(
    settings: Settings, servers: Stack, postgres: psycopg.Connection, tmp_path: Path
) -> None:
    since = datetime.now(UTC)
    published(tmp_path, sales_facts.MODEL, wrong(sound_sales()))

    done = Stack(settings, {"RUSTOK_ANALYTICS_DIR": str(tmp_path)}).rustok(
        "sinks", "check", "sales", "--json", check=False
    )
    JOB.turn(settings.model_copy(update={"analytics_dir": tmp_path}))

    (found,) = json.loads(done.stdout)
    by_hand, by_scheduler = told(postgres, since)
    quality, again = by_hand.event.quality, by_scheduler.event.quality
    assert (quality.model, quality.snapshot, quality.is_sound) == ("sales", found["snapshot"], False)
    assert (quality.passed, quality.failed, quality.warned) == (found["passed"], found["failed"], found["warned"])
    assert "orders_are_the_sum_of_their_lines" in quality.failed_expectations
    assert quality.vouched_at is not None
    assert quality.vouched_at.isoformat() == found["as_of"]
    assert (by_hand.aggregate_id, by_hand.version) == (str(quality.id), 1)
    assert by_hand.row["actor_id"] == "rustok:quality"
    assert (again.failed_expectations, again.id == quality.id) == (quality.failed_expectations, False)


def test_no_shop_can_say_such_a_thing(shop: Shop, store: Store) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), store.reading(shop.id) as connection:
        connection.execute(
            "INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, ce_time, tenant_id, aggregate_version,"
            " correlation_id, actor_id, schema_version, traceparent)"
            " VALUES (gen_random_uuid(), 'quality', '', 'quality.checked', '', '', %s::text, '1', '', '', '1', '')",
            (NO_TENANT,),
        )
