"""The archive on disk: what was told is read back as it was, once, whatever was killed and said again."""

import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import duckdb
import pytest

from schemas.event_catalogue import BY_TYPE, HISTORIES
from schemas.event_json import from_json, to_json
from schemas.events.order import OrderAnonymised, OrderConfirmed, OrderPaid, OrderPlaced, OrderShipped, Parcel
from schemas.events.product import Product, ProductDeleted, ProductUpdated
from schemas.events.stock import StockAdjusted, StockDeleted, StockReserved, StockShipped
from schemas.events.tenant import Tenant, TenantDeleted
from schemas.evolving import golden_files as golden
from schemas.write_model import REEMITTED_BY
from sinks.analytics.event_archive import KEPT, MODEL, archived_event
from sinks.archive.archive_report import report
from sinks.archive.archive_sink import ArchiveSink
from sinks.archive.typed_json import told as told_as
from sinks.duckdb import snapshots
from sinks.freshness import Freshness
from sinks.sink import HeldOffset, StoreLost, Unavailable
from tests.support import full_analytics_disk
from tests.support.examples import MOMENT, envelope, order, product, stock
from tests.support.older import as_written_by

SHOP = uuid4()
FRESH = Freshness({f"{topic.name}/{n}": MOMENT for topic in MODEL.topics for n in range(topic.partitions)})
ORDERS = ("rustok.order", 0)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / MODEL.id


@pytest.fixture
def archive(folder):
    with closing(made(folder)) as opened:
        yield opened


def made(folder, flush_rows=5):
    sink = ArchiveSink(folder, MODEL, goes_live=True, flush_rows=flush_rows)
    sink.open()
    return sink


def told(event, version, event_type=None, **different):
    """The change that an event makes, about the aggregate that it holds."""
    kind = event_type or next(name for name, history in BY_TYPE.items() if history.newest is type(event))
    about = getattr(event, kind.partition(".")[0])
    facts = {"tenant_id": SHOP, "aggregate_id": about.id, "aggregate_version": version} | different
    return archived_event(envelope(kind, **facts), event)


def life_of(number, *, upto, since=1, **different):
    """Versions of one order."""
    one = order(id=number, **different)
    return [told(OrderPaid(order=replace(one, total_minor=version)), version) for version in range(since, upto + 1)]


def published(sink):
    sink.publish(FRESH)
    snapshot = snapshots.current(sink.folder)
    return duckdb.connect(snapshot.path, read_only=True)


def versions(connection, aggregate_id):
    found = connection.execute(
        "SELECT version FROM events WHERE aggregate_id = ? ORDER BY archive_no", [aggregate_id]
    ).fetchall()
    return [version for (version,) in found]


def asked(sink, question, *values):
    with closing(published(sink)) as connection:
        return connection.execute(question, list(values)).fetchall()


def parquet_files(sink):
    return sorted(path for path in sink.folder.glob("parts-*/*") if path.name.startswith("events-"))


def test_every_version_is_read_back_in_order(archive):
    number = uuid4()

    archive.write(life_of(number, upto=3), {})

    with closing(published(archive)) as connection:
        assert versions(connection, number) == [1, 2, 3]


def test_an_event_is_read_back_as_it_was(archive):
    paid = OrderPaid(order=order())
    archive.write([told(paid, 1, occurred_at=MOMENT, correlation_id="till-7")], {})

    (found,) = asked(archive, "SELECT type, occurred_at, correlation_id, body->>'$.order.customer_ref' FROM events")

    assert (found[0], found[1], found[2], found[3]) == ("order.paid", MOMENT, "till-7", "household-1")


def test_who_did_it_is_not_kept(archive):
    archive.write([told(OrderPaid(order=order()), 1, actor_id="user:anna")], {})

    assert "user:anna" not in str(asked(archive, "FROM kept_events"))


def test_what_is_told_again_by_the_platform_says_so(archive):
    archive.write([told(OrderPaid(order=order()), 1, actor_id=REEMITTED_BY)], {})

    assert asked(archive, "SELECT is_reemitted FROM events") == [(True,)]


def test_an_old_version_of_an_event_is_kept_as_written_and_read_as_the_newest(archive):
    history = BY_TYPE["order.placed"]
    old_class = history.versions[0]
    number = uuid4()
    known = order(id=number)
    old = as_written_by(old_class, OrderPlaced(order=known))
    archive.write([archived_event(envelope("order.placed", schema_version=1, aggregate_id=number), old)], {})

    ((as_written, body, schema_version, body_version),) = asked(
        archive, "SELECT body_as_written, body, schema_version, body_version FROM events"
    )

    assert "parcels" not in json.loads(as_written)["order"]
    assert json.loads(body)["order"]["parcels"] == []
    assert (schema_version, body_version) == (1, history.newest_version)
    assert asked(archive, "SELECT order_id, status, parcels FROM order_placed") == [(number, "paid", [])]


def test_what_is_archived_goes_into_files_that_never_change(archive):
    number = uuid4()
    archive.write(life_of(number, upto=6), {})
    with closing(published(archive)) as connection:
        assert connection.execute("SELECT count(*) FROM recent").fetchall() == [(0,)]
    (file,) = parquet_files(archive)
    before = file.read_bytes()

    archive.write(life_of(number, since=7, upto=12), {})

    with closing(published(archive)) as connection:
        assert versions(connection, number) == list(range(1, 13))
    assert file.read_bytes() == before
    assert len(parquet_files(archive)) == 2


def test_many_small_files_become_one(archive):
    number = uuid4()
    for start in range(1, 81, 5):
        archive.write(life_of(number, since=start, upto=start + 4), {})
        archive.publish(FRESH)

    with closing(published(archive)) as connection:
        assert versions(connection, number) == list(range(1, 81))
        assert connection.execute("SELECT rows FROM parquet_files").fetchall() == [(80,)]


def test_whoever_has_an_older_snapshot_open_goes_on_reading_it(archive):
    number = uuid4()
    archive.write(life_of(number, upto=6), {})
    with closing(published(archive)) as older:
        for start in range(7, 107, 5):
            archive.write(life_of(number, since=start, upto=start + 4), {})
            archive.publish(FRESH)

        assert versions(older, number) == [1, 2, 3, 4, 5, 6]


def test_an_archive_that_is_opened_again_goes_on_where_it_was(folder):
    number = uuid4()
    with closing(made(folder)) as first:
        first.begin({ORDERS: HeldOffset(topic_id="t", next=0, until=0)})
        first.write(life_of(number, upto=6), {ORDERS: 6})
        first.publish(FRESH)
        first.write(life_of(number, since=7, upto=8), {ORDERS: 8})

    with closing(made(folder)) as again:
        assert again.positions()[ORDERS].next == 8
        again.write(life_of(number, since=5, upto=9), {ORDERS: 9})
        with closing(published(again)) as connection:
            assert versions(connection, number) == list(range(1, 10))


def test_a_gap_is_named_and_closed_by_what_was_missing(archive):
    number = uuid4()
    archive.write([*life_of(number, upto=2), *life_of(number, since=5, upto=6)], {})
    assert asked(
        archive, "SELECT aggregate, aggregate_id, first_version, last_version, missing, kind FROM event_gaps"
    ) == [("order", number, 3, 4, 2, "missed")]

    archive.write(life_of(number, since=3, upto=4), {})

    assert asked(archive, "FROM event_gaps") == []
    assert asked(archive, "SELECT version FROM events ORDER BY version") == [(1,), (2,), (3,), (4,), (5,), (6,)]


def test_what_never_happened_is_not_among_the_events(archive):
    """The database was put back: version 3 and what followed is told anew."""
    number = uuid4()
    archive.write(life_of(number, upto=5), {})
    anew = [told(OrderPaid(order=order(id=number, total_minor=v * 100)), v, epoch=1) for v in (3, 4)]
    archive.write(anew, {})

    assert asked(archive, "SELECT version, body->>'$.order.total_minor' FROM events ORDER BY version") == [
        (1, "1"),
        (2, "2"),
        (3, "300"),
        (4, "400"),
    ]


def test_a_shop_that_is_erased_is_gone_from_the_files_too(archive):
    other = uuid4()
    archive.write([*life_of(uuid4(), upto=6), told(OrderPaid(order=order()), 1, tenant_id=other)], {})
    archive.publish(FRESH)
    before = parquet_files(archive)
    archive.write([told(OrderPaid(order=order()), 1)], {})
    archive.write([shop_erased()], {})
    archive.write([told(OrderPaid(order=order()), 1)], {})

    assert asked(archive, "SELECT tenant_id, type FROM kept_events ORDER BY type") == [
        (other, "order.paid"),
        (SHOP, "tenant.deleted"),
    ]
    assert set(parquet_files(archive)) > set(before)  # which go an hour later


def test_no_event_erases_another_shop():
    left = replace(shop_erased_event(), tenant=replace(shop_erased_event().tenant, id=uuid4()))

    with pytest.raises(ValueError, match="about shop"):
        told(left, 3)


def test_a_shop_that_came_back_with_an_older_database_is_archived_again(archive):
    archive.write([shop_erased()], {})

    archive.write([told(OrderPaid(order=order()), 1, epoch=1)], {})

    assert asked(archive, "SELECT count(*) FROM events WHERE type = 'order.paid'") == [(1,)]


def shop_erased():
    return told(shop_erased_event(), 3)


def shop_erased_event():
    left = Tenant(
        id=SHOP,
        slug="a",
        name="",
        domains=(),
        default_locale="en",
        locales=("en",),
        currency="EUR",
        time_zone="UTC",
        modules=(),
        active=False,
    )
    return TenantDeleted(tenant=left)


@pytest.mark.parametrize("files_before", [False, True])
def test_a_customer_who_is_forgotten_is_forgotten_in_what_was_before(archive, files_before):
    parcel = Parcel(parcel_no=1, lines=(), carrier="P", tracking_number="T-1", shipped_at=MOMENT)
    one = order(parcels=(parcel,), customer_ref="anna")
    archive.write([told(OrderPlaced(order=one), 1), told(OrderShipped(order=one, parcel=parcel), 2)], {})
    if files_before:
        archive.write(life_of(uuid4(), upto=6), {})
        archive.publish(FRESH)
    nobody = replace(one, customer_ref="forgotten-1", parcels=(replace(parcel, tracking_number=None),))

    archive.write([told(OrderAnonymised(order=nobody), 4)], {})
    archive.write([told(OrderConfirmed(order=one), 3)], {})  # late

    told_now = str(asked(archive, "FROM kept_events WHERE aggregate_id = ?", one.id))
    assert "anna" not in told_now
    assert "T-1" not in told_now
    assert asked(
        archive, "SELECT DISTINCT body->>'$.order.customer_ref' FROM events WHERE aggregate_id = ?", one.id
    ) == [("forgotten-1",)]


def test_an_orphan_of_who_was_killed_is_removed(folder):
    with closing(made(folder)) as first:
        first.write(life_of(uuid4(), upto=6), {})
        first.publish(FRESH)
        (counted,) = parquet_files(first)
        orphan = counted.with_name("events-00.parquet")
        orphan.write_bytes(counted.read_bytes())

    with closing(made(folder)) as again:
        assert parquet_files(again) == [counted]
        assert asked(again, "SELECT count(*) FROM events") == [(6,)]


def test_what_a_killed_process_left_half_made_is_made_anew(folder):
    number = uuid4()
    with closing(made(folder)) as first:
        first.write(life_of(number, upto=2), {})
        first.publish(FRESH)
    for half_made in (f"{MODEL.id}.views", f"{MODEL.id}.definitions"):
        (folder / half_made).write_bytes(b"half")
        (folder / f"{half_made}.wal").write_bytes(b"of another file")

    with closing(made(folder)) as again, closing(published(again)) as connection:
        assert versions(connection, number) == [1, 2]


@pytest.mark.parametrize("files_before", [False, True])
def test_older_events_are_read_anew_when_the_code_knows_a_newer_version(folder, files_before):
    history = BY_TYPE["order.placed"]
    old_class, known = history.versions[0], order()
    old = as_written_by(old_class, OrderPlaced(order=known))
    change = archived_event(envelope("order.placed", schema_version=1, aggregate_id=known.id), old)
    with closing(made(folder, flush_rows=1 if files_before else 10)) as before:
        before.write([change], {})
        # As code left it that knew version 1 only.
        before._run("UPDATE events SET newest = NULL, read_as = 1")  # noqa: SLF001  # no code is so old
        before._run("UPDATE read_versions SET version = 1 WHERE type = 'order.placed'")  # noqa: SLF001
        before.publish(FRESH)

    with closing(made(folder)) as now:
        assert asked(now, "SELECT order_id, version, parcels FROM order_placed") == [(known.id, 1, [])]
        assert asked(now, "SELECT body_version, schema_version FROM events") == [(history.newest_version, 1)]


def test_an_archive_that_lacks_a_file_waits_and_says_which(folder):
    with closing(made(folder)) as first:
        first.write(life_of(uuid4(), upto=6), {})
        first.publish(FRESH)
        (file,) = parquet_files(first)
    file.rename(folder / "elsewhere")

    with pytest.raises(Unavailable, match=file.name):
        made(folder)


def test_a_live_file_that_was_thrown_away_leaves_the_files_of_before_alone(folder):
    with closing(made(folder)) as first:
        first.write(life_of(uuid4(), upto=6), {})
        first.publish(FRESH)
        (file,) = parquet_files(first)
        (folder / f"{MODEL.id}.live.duckdb").unlink()
        with pytest.raises(StoreLost):
            first.write([], {})

    with closing(made(folder)):
        assert file.exists()


def test_the_newest_event_of_an_aggregate_is_found_wherever_it_lies(archive):
    number = uuid4()
    archive.write(life_of(number, upto=6), {})
    archive.publish(FRESH)

    found = archive.find("events", SHOP, number)

    assert found is not None
    assert found.version == 6
    assert len(list(archive.scan("events", SHOP))) == 6


def test_a_product_has_one_version_at_every_moment(archive):
    one = product()
    for version in range(1, 5):
        now = MOMENT + timedelta(hours=version)
        title = replace(one, status="active", brand=f"brand {version}")
        archive.write([told(ProductUpdated(product=title, changed=("brand",)), version, occurred_at=now)], {})

    rows = asked(
        archive, "SELECT version, brand, valid_from, valid_to, is_current FROM dim_product_versions ORDER BY version"
    )

    assert [row[1] for row in rows] == ["brand 1", "brand 2", "brand 3", "brand 4"]
    assert [row[3] for row in rows] == [*(row[2] for row in rows[1:]), None]
    assert [row[4] for row in rows] == [False, False, False, True]


def test_a_price_that_stays_is_one_interval_and_one_that_is_taken_away_goes_on_as_none(archive):
    one = product()
    (variant,) = one.variants
    (price, *_) = variant.prices

    def priced(version, amount):
        prices = () if amount is None else (replace(price, amount_minor=amount, compare_at_minor=None),)
        now = replace(one, variants=(replace(variant, prices=prices),))
        return told(ProductUpdated(product=now, changed=()), version, occurred_at=MOMENT + timedelta(hours=version))

    archive.write([priced(1, 100), priced(2, 100), priced(3, 80), priced(4, None), priced(5, 120)], {})

    rows = asked(archive, "SELECT amount_minor, valid_from, valid_to FROM dim_variant_prices ORDER BY version")
    assert [(amount, start - MOMENT) for amount, start, _ in rows] == [
        (100, timedelta(hours=1)),
        (80, timedelta(hours=3)),
        (None, timedelta(hours=4)),
        (120, timedelta(hours=5)),
    ]
    assert [end for _, _, end in rows] == [*(start for _, start, _ in rows[1:]), None]


def test_a_price_that_is_taken_away_is_found_by_the_sku_whatever_went_with_it(archive):
    one = product()
    (variant,) = one.variants
    (price, *_) = variant.prices
    priced = replace(one, variants=(replace(variant, sku="MUG", prices=(price,)),))
    renamed = replace(one, variants=(replace(variant, sku="CUP", prices=()),))
    archive.write(
        [
            told(ProductUpdated(product=priced, changed=()), 1, occurred_at=MOMENT),
            told(
                ProductUpdated(product=replace(one, variants=(replace(variant, sku="MUG", prices=()),)), changed=()),
                2,
                occurred_at=MOMENT + timedelta(days=1),
            ),
            told(ProductUpdated(product=priced, changed=()), 3, occurred_at=MOMENT + timedelta(days=2)),
            told(ProductUpdated(product=renamed, changed=()), 4, occurred_at=MOMENT + timedelta(days=3)),
            told(ProductUpdated(product=replace(one, variants=()), changed=()), 5),
            told(ProductUpdated(product=priced, changed=()), 6, occurred_at=MOMENT + timedelta(days=5)),
            told(ProductDeleted(product=priced), 7, occurred_at=MOMENT + timedelta(days=6)),
        ],
        {},
    )

    rows = asked(archive, "SELECT version, sku, amount_minor IS NULL FROM dim_variant_prices ORDER BY version")

    assert rows == [
        (1, "MUG", False),
        (2, "MUG", True),
        (3, "MUG", False),
        (4, "CUP", True),
        (6, "MUG", False),
        (7, "MUG", True),
    ]


def test_the_lowest_price_before_a_reduction_is_of_the_thirty_days_before_it_began_and_never_its_own(archive):
    one = product()
    (variant,) = one.variants
    (price, *_) = variant.prices

    def priced(version, day, amount):
        prices = () if amount is None else (replace(price, amount_minor=amount, compare_at_minor=None),)
        now = replace(one, variants=(replace(variant, prices=prices),))
        return told(ProductUpdated(product=now, changed=()), version, occurred_at=MOMENT + timedelta(days=day))

    said = [(0, 70), (10, 100), (35, 90), (50, 120), (60, 80), (61, None), (62, 60)]
    archive.write([priced(version, day, amount) for version, (day, amount) in enumerate(said, start=1)], {})

    found = asked(
        archive,
        "SELECT reduced_at, amount_before_minor, amount_minor, lowest_30_days_minor FROM fct_price_reductions"
        " ORDER BY reduced_at",
    )
    days = [((at - MOMENT).days, *amounts) for at, *amounts in found]
    assert days == [(35, 100, 90, 70), (60, 120, 80, 90)]


def test_a_price_is_found_on_any_day(archive):
    one = product()
    (variant,) = one.variants
    (price, *_) = variant.prices
    for version, amount in ((1, 100), (2, 80)):
        prices = (replace(price, amount_minor=amount, compare_at_minor=None),)
        now = replace(one, variants=(replace(variant, prices=prices),))
        archive.write(
            [told(ProductUpdated(product=now, changed=()), version, occurred_at=MOMENT + timedelta(days=version))], {}
        )

    def on(day):
        return asked(archive, f"SELECT amount_minor FROM price_on(TIMESTAMPTZ '{MOMENT + timedelta(days=day)}')")

    assert [on(day) for day in (0, 1, 1.5, 2, 900)] == [[], [(100,)], [(100,)], [(80,)], [(80,)]]


def test_stock_covers_as_many_days_as_it_lasts_at_the_pace_of_the_days_before(archive):
    held, buyer = stock(on_hand=30, reserved=0), uuid4()
    unchanged = {"changed": (), "transfer_id": None}

    def at(day):
        return MOMENT + timedelta(days=day)

    archive.write(
        [
            told(StockAdjusted(stock=held, delta=30, reason="counted", **unchanged), 1, occurred_at=at(0)),
            told(StockShipped(stock=replace(held, on_hand=20), order_id=buyer, quantity=10), 2, occurred_at=at(5)),
            told(StockShipped(stock=replace(held, on_hand=10), order_id=buyer, quantity=10), 3, occurred_at=at(9)),
            told(StockShipped(stock=replace(held, on_hand=5), order_id=buyer, quantity=5), 4, occurred_at=at(30)),
            told(StockDeleted(stock=replace(held, on_hand=5)), 5, occurred_at=at(40)),
        ],
        {},
    )

    asks = "SELECT on_hand, units_sold, units_a_day, cover_days FROM stock_cover(TIMESTAMPTZ '{}', 10)"
    assert asked(archive, asks.format(at(10))) == [(10, 20, 2.0, 5.0)]
    assert asked(archive, asks.format(at(25))) == [(10, 0, 0.0, None)]
    assert asked(archive, asks.format(at(41))) == []


@pytest.mark.parametrize("days", [0, -5])
def test_no_stock_is_covered_at_the_pace_of_no_days(archive, days):
    archive.write([told(StockAdjusted(stock=stock(), delta=1, reason="r", changed=(), transfer_id=None), 1)], {})

    with pytest.raises(duckdb.InvalidInputException, match="1 or more"):
        asked(archive, f"FROM stock_cover(now(), {days})")


def test_an_order_has_a_step_for_each_status(archive):
    one = order(status="pending")
    steps = [
        told(OrderPlaced(order=one), 1, occurred_at=MOMENT),
        told(OrderPaid(order=replace(one, status="paid")), 2, occurred_at=MOMENT + timedelta(hours=1)),
        told(OrderAnonymised(order=replace(one, status="paid")), 3, occurred_at=MOMENT + timedelta(hours=2)),
    ]
    archive.write(steps, {})

    rows = asked(archive, "SELECT step_no, status_before, status, left_at FROM fct_order_steps ORDER BY step_no")
    assert rows == [(1, None, "pending", MOMENT + timedelta(hours=1)), (2, "pending", "paid", None)]


def test_stock_moves_by_what_it_is_more_or_less_than_before(archive):
    one = stock(on_hand=5, reserved=0)
    first = told(StockReserved(stock=one, order_id=uuid4(), quantity=0), 1)
    buyer = uuid4()
    second = told(StockReserved(stock=replace(one, reserved=2), order_id=buyer, quantity=2), 2)
    after_gap = told(StockReserved(stock=replace(one, reserved=4), order_id=buyer, quantity=1), 4)
    archive.write([first, second, after_gap], {})

    rows = asked(
        archive,
        "SELECT version, on_hand_change, reserved_change, order_id, follows_gap FROM fct_stock_movements"
        " ORDER BY version",
    )
    assert rows[0][:3] == (1, 5, 0)
    assert rows[1:] == [(2, 0, 2, buyer, False), (4, 0, 2, buyer, True)]


def test_any_text_is_read_back(archive):
    strange = replace(product(), brand="NUL \0, quote ' \" \\, 🧀")
    assert isinstance(strange, Product)
    archive.write([told(ProductUpdated(product=strange, changed=()), 1)], {})

    assert asked(archive, "SELECT brand FROM product_updated") == [(strange.brand,)]


def test_the_report_counts_what_is_there_and_what_is_missing(archive):
    archive.write([*life_of(uuid4(), upto=7), *life_of(uuid4(), since=3, upto=5)], {})
    archive.write([told(OrderPaid(order=order()), 1), told(OrderPaid(order=order(id=(lost := uuid4()))), 1)], {})
    archive.write([told(OrderPaid(order=order(id=lost)), 4)], {})
    archive.publish(FRESH)

    found = report(archive.folder, MODEL, most_gaps=1)

    (orders,) = found.aggregates
    assert (orders.aggregate, orders.events, orders.things) == ("order", 13, 4)
    assert orders.missing == {"before": 2, "missed": 2}
    assert [(gap.aggregate_id, gap.first, gap.last) for gap in found.gaps] == [(lost, 2, 3)]
    assert found.wrong == []
    assert not found.is_complete


def test_what_was_before_the_archive_is_no_loss(archive):
    archive.write(life_of(uuid4(), since=3, upto=9), {})
    archive.publish(FRESH)

    assert report(archive.folder, MODEL, most_gaps=None).is_complete


def test_a_file_that_lost_rows_does_not_add_up(archive):
    archive.write(life_of(uuid4(), upto=9), {})
    archive.publish(FRESH)
    (file,) = parquet_files(archive)
    with closing(duckdb.connect()) as other:
        other.execute(f"COPY (FROM '{file}' WHERE version <> 4) TO '{file}.new' (FORMAT parquet)")
    file.with_name(f"{file.name}.new").rename(file)

    found = report(archive.folder, MODEL, most_gaps=None)

    assert [" ".join(reason.split()[2:]) for reason in found.wrong] == [
        "lacks 1 versions, and 0 are named",
        "8 rows of 9",
    ]
    assert not found.is_complete


def test_every_golden_event_is_read_typed_as_the_newest_version_says(archive):
    """Whatever version it was written in."""
    expected = {}
    for history in HISTORIES:
        if history.aggregate not in {row.name for row in KEPT}:
            continue
        for version in range(1, history.newest_version + 1):
            for example in golden.parsed((golden.FOLDER / golden.name_of(history, version)).read_text()).examples:
                written = from_json(history.versions[version - 1], example.record)
                about = uuid4()
                facts = {"schema_version": version, "aggregate_id": about, "tenant_id": about}  # as a shop is its own
                archive.write([archived_event(envelope(history.event_type, **facts), written)], {})
                expected[history.event_type, about] = history.upcast(written, version)

    with closing(published(archive)) as connection:
        for (event_type, about), event in expected.items():
            (said,) = connection.execute(
                f"SELECT {told_as(type(event))} FROM events WHERE aggregate_id = ?", [about]
            ).fetchone()
            assert plain(said) == plain(to_json(event)), event_type
            view = event_type.replace(".", "_")
            column = f"{event_type.partition('.')[0]}_id"
            assert connection.execute(f"SELECT count(*) FROM {view} WHERE {column} = ?", [about]).fetchone() == (1,)


def plain(value):
    match value:
        case dict():
            return {name: plain(one) for name, one in value.items()}
        case list():
            return [plain(one) for one in value]
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            return value


def test_a_full_disk_is_waited_out_and_nothing_is_lost_or_doubled(tmp_path):
    done = full_analytics_disk.in_a_namespace(tmp_path, "archive")

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["write"].startswith("the analytics disk cannot be written")
    assert said["publish"].startswith("the analytics disk cannot be written")
    assert (said["half_copies"], said["held"], said["position"]) == ([], 3200, 3200)
