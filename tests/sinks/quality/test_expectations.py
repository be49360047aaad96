"""Each expectation holds for what is sound, and fails for what breaks it."""

import shutil
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from sinks.analytics.sales_facts import ORDER_FACTS
from sinks.archive.history_views import INTERVAL_VIEWS, IntervalView
from sinks.quality import check_snapshot, great_expectations_run
from sinks.quality.history_expectations import wrong_of
from sinks.quality.suites import SUITES, suite_of
from tests.support import sound_snapshots
from tests.support.sound_snapshots import SHOP

NOW = datetime.now(UTC)
DAY = (NOW - timedelta(days=1)).date()

#: A column that a view names cannot change before the view is gone.
NO_VIEWS = "; ".join(f"DROP VIEW {view}" for view in reversed(ORDER_FACTS.views))


def broken_table(table: str) -> dict[str, str]:
    """What breaks each expectation that is of any table of documents."""
    return {
        f"{table}_has_its_columns": f"{NO_VIEWS}; ALTER TABLE {table} ALTER version TYPE INTEGER",
        f"{table}_have_tenant_id": f"UPDATE {table} SET tenant_id = NULL",
        f"{table}_have_id": f"UPDATE {table} SET id = NULL",
        f"{table}_have_version": f"UPDATE {table} SET version = NULL",
        f"{table}_are_there_once": f"INSERT INTO {table} FROM {table} LIMIT 1",
    }


#: By expectation, what breaks it.
SALES = {
    **broken_table("shops"),
    **broken_table("products"),
    **broken_table("categories"),
    "product_variants_has_its_columns": f"{NO_VIEWS}; ALTER TABLE product_variants DROP barcode",
    "product_variants_have_tenant_id": "UPDATE product_variants SET tenant_id = NULL",
    "product_variants_have_product_id": "UPDATE product_variants SET product_id = NULL",
    "product_variants_have_variant_no": "UPDATE product_variants SET variant_no = NULL",
    "product_variants_are_there_once": "INSERT INTO product_variants FROM product_variants LIMIT 1",
    "product_variants_are_counted_from_1": "UPDATE product_variants SET variant_no = 2",
    "product_variants_belong_to_products": "DELETE FROM products",
    "orders_has_its_columns": f"{NO_VIEWS}; ALTER TABLE orders ALTER tax_minor TYPE INTEGER",
    "orders_have_tenant_id": "UPDATE orders SET tenant_id = NULL WHERE status = 'pending'",
    "orders_have_id": "UPDATE orders SET id = NULL WHERE status = 'pending'",
    "orders_have_version": "UPDATE orders SET version = NULL",
    "orders_are_there_once": "INSERT INTO orders FROM orders LIMIT 1",
    "order_lines_has_its_columns": f"{NO_VIEWS}; ALTER TABLE order_lines DROP sku",
    "order_lines_have_tenant_id": "UPDATE order_lines SET tenant_id = NULL",
    "order_lines_have_order_id": "UPDATE order_lines SET order_id = NULL",
    "order_lines_have_line_no": "UPDATE order_lines SET line_no = NULL WHERE line_no = 2",
    "order_lines_are_there_once": "INSERT INTO order_lines FROM order_lines LIMIT 1",
    "order_lines_are_counted_from_1": "UPDATE order_lines SET line_no = 3 WHERE line_no = 2",
    "order_lines_belong_to_orders": "DELETE FROM orders WHERE status = 'pending'",
    "order_reversals_has_its_columns": f"{NO_VIEWS}; ALTER TABLE order_reversals RENAME refund_no TO refund",
    "order_reversals_have_tenant_id": "UPDATE order_reversals SET tenant_id = NULL",
    "order_reversals_have_order_id": "UPDATE order_reversals SET order_id = NULL",
    "order_reversals_have_reversal_no": "UPDATE order_reversals SET reversal_no = NULL WHERE reversal_no = 2",
    "order_reversals_are_there_once": "INSERT INTO order_reversals FROM order_reversals LIMIT 1",
    "order_reversals_are_counted_from_1": "DELETE FROM order_reversals WHERE reversal_no = 1",
    "order_reversals_belong_to_orders": "DELETE FROM orders",
    "orders_have_a_known_status": "UPDATE orders SET status = 'lost' WHERE status = 'pending'",
    "orders_have_an_iso_currency": "UPDATE orders SET currency = 'BTC' WHERE status = 'pending'",
    "orders_have_what_every_order_has": "UPDATE orders SET discount_minor = NULL WHERE status = 'pending'",
    "orders_are_confirmed_then_paid": "UPDATE orders SET paid_at = confirmed_at - INTERVAL 1 SECOND",
    "orders_are_what_their_times_say": "UPDATE orders SET status = 'shipped' WHERE status = 'pending'",
    "orders_are_refunded_within_what_was_paid": "UPDATE orders SET refund_minor = 281 WHERE status = 'cancelled'",
    "orders_are_the_sum_of_their_lines": "DELETE FROM order_lines WHERE line_no = 2",
    "order_lines_are_quantity_times_price": "UPDATE order_lines SET adjustment_minor = -19",
    "order_lines_have_no_negative_quantity": "UPDATE order_lines SET quantity = -1 WHERE line_no = 2",
    "order_reversals_take_back": "UPDATE order_reversals SET quantity = -quantity",
    "order_reversals_take_no_more_than_was_sold": "UPDATE order_reversals SET quantity = -3 WHERE line_no = 1",
    "order_reversals_give_no_more_than_was_paid": "UPDATE order_reversals SET adjustment_minor = -431",
    "sales_of_days_are_the_orders_of_the_month": "CREATE OR REPLACE VIEW sales AS SELECT line.tenant_id, order_id,"
    " placed_at, currency, line_no, line.total_minor AS revenue_minor FROM order_lines AS line"
    " JOIN orders ON orders.id = order_id WHERE paid_at IS NOT NULL",
    "fct_sales_of_days_by_recognised_on_are_the_month": "INSERT INTO orders"
    " SELECT * REPLACE (paid_at + INTERVAL 1 DAY AS paid_at) FROM orders WHERE status = 'paid' LIMIT 1",
    "fct_sales_of_days_by_ordered_on_are_the_month": "CREATE OR REPLACE VIEW fct_sales AS SELECT tenant_id,"
    " placed_at::DATE AS ordered_on, currency, (random() * 1e9)::BIGINT AS net_minor FROM orders",
    "fct_orders_of_days_by_paid_on_are_the_month": "CREATE OR REPLACE VIEW fct_orders AS SELECT tenant_id, paid_at,"
    " paid_at::DATE AS paid_on, ['new', 'returning', 'guest'][1 + (random() * 3)::INTEGER % 3] AS customer_kind"
    " FROM orders, range(10_000) WHERE random() < 0.5",  # of three counts not all come out alike twice
    "fct_sales_of_what_is_cancelled_are_nothing": "UPDATE order_reversals SET gross_minor = gross_minor + 1",
    "reversals_are_of_sales": "CREATE OR REPLACE VIEW reversals AS SELECT tenant_id, order_id, line_no,"
    " 2 * gross_minor AS money_minor FROM order_reversals",
    "orders_of_a_day_are_as_many_as_usual": "INSERT INTO orders (tenant_id, id, placed_at)"
    f" SELECT '{SHOP}', uuid(), DATE '{DAY}' - day::INTEGER + INTERVAL 9 HOUR"
    " FROM range(1, 57) AS days(day), range(10) AS of_a_day",
}
SEARCHES = {
    "search_logs_has_its_columns": "ALTER TABLE search_logs ALTER recorded_at TYPE TIMESTAMP",
    "search_logs_have_tenant_id": "UPDATE search_logs SET tenant_id = NULL",
    "search_logs_have_id": "UPDATE search_logs SET id = NULL",
    "search_logs_have_version": "UPDATE search_logs SET version = NULL",
    "search_logs_are_there_once": "INSERT INTO search_logs FROM search_logs LIMIT 1",
    "recorded_searches_has_its_columns": "DROP VIEW searches; DROP VIEW search_clicks;"
    " ALTER TABLE recorded_searches DROP sort",
    "recorded_searches_have_tenant_id": "UPDATE recorded_searches SET tenant_id = NULL",
    "recorded_searches_have_log_id": "UPDATE recorded_searches SET log_id = NULL",
    "recorded_searches_have_line_no": "UPDATE recorded_searches SET line_no = NULL",
    "recorded_searches_are_there_once": "INSERT INTO recorded_searches FROM recorded_searches LIMIT 1",
    "recorded_searches_are_counted_from_1": "UPDATE recorded_searches SET line_no = line_no + 1",
    "recorded_searches_belong_to_search_logs": "DELETE FROM search_logs",
    "search_actions_has_its_columns": "DROP VIEW searches; DROP VIEW search_clicks;"
    " ALTER TABLE search_actions DROP channel",
    "search_actions_have_tenant_id": "UPDATE search_actions SET tenant_id = NULL",
    "search_actions_have_log_id": "UPDATE search_actions SET log_id = NULL",
    "search_actions_have_line_no": "UPDATE search_actions SET line_no = NULL",
    "search_actions_are_there_once": "INSERT INTO search_actions FROM search_actions LIMIT 1",
    "search_actions_are_counted_from_1": "UPDATE search_actions SET line_no = 0",
    "search_actions_belong_to_search_logs": "UPDATE search_actions SET log_id = uuid()",
    "recorded_searches_are_of_a_known_match": "UPDATE recorded_searches SET match = 'none'",
    "recorded_searches_count_from_1": "UPDATE recorded_searches SET page = 0",
    "search_actions_are_of_a_known_kind": "UPDATE search_actions SET kind = 'hover'",
    "search_actions_count_from_1": "UPDATE search_actions SET position = 0",
    "searches_are_recorded_searches": "CREATE OR REPLACE VIEW searches AS FROM recorded_searches"
    " UNION ALL FROM recorded_searches",
    "search_logs_are_forgotten_in_time": "UPDATE search_logs SET recorded_at = now() - INTERVAL 32 DAY",
    "recorded_searches_of_a_day_are_as_many_as_usual": "INSERT INTO recorded_searches (tenant_id, asked_at)"
    f" SELECT '{SHOP}', DATE '{DAY}' - day::INTEGER + INTERVAL 9 HOUR"
    " FROM range(1, 57) AS days(day), range(10) AS of_a_day",
}


def altered(view: str, instead: str) -> str:
    """What makes a view say something else in some of its columns."""
    return (
        f"CREATE TABLE altered AS SELECT * REPLACE ({instead}) FROM {view}; DROP VIEW {view};"
        f" ALTER TABLE altered RENAME TO {view}"
    )


def broken_intervals(view: IntervalView) -> dict[str, str]:
    """By what is wrong with a row, what makes it so."""
    begins, ends = view.begins, view.ends
    as_it_was = altered(view.name, f"{ends} AS {ends}")
    found = {
        "it is there twice": f"{as_it_was}; INSERT INTO {view.name} FROM {view.name} LIMIT 1",
        f"it has no {begins}": altered(view.name, f"if({ends} IS NULL, NULL, {begins}) AS {begins}"),
        "it ends before it begins": altered(view.name, f"{ends} + INTERVAL 1 DAY AS {begins}"),
        "there is a gap before the next": altered(view.name, f"{ends} - INTERVAL 1 MINUTE AS {ends}"),
        "the next begins before it ends": altered(view.name, f"{ends} + INTERVAL 1 MINUTE AS {ends}"),
        "the last one is not open": altered(view.name, f"coalesce({ends}, now()) AS {ends}"),
    }
    if view.current:
        found[f"{view.current} says otherwise"] = altered(view.name, f"NOT {view.current} AS {view.current}")
    return found


INTERVALS = {view.name: broken_intervals(view) for view in INTERVAL_VIEWS}
ARCHIVE = {
    "events_are_there_once": "INSERT INTO recent FROM recent LIMIT 1",
    **{f"{name}_are_intervals": broken["it is there twice"] for name, broken in INTERVALS.items()},
}
BROKEN = {"sales": SALES, "searches": SEARCHES, "event-archive": ARCHIVE}
CASES = [(model, name) for model, statements in BROKEN.items() for name in statements]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    changes = {"sales": sound_snapshots.sound_sales(), "searches": sound_snapshots.sound_searches()}
    folder = tmp_path_factory.mktemp("sound")
    files = {model: sound_snapshots.file_of(folder, suite_of(model).model, changes[model]) for model in changes}
    return files | {"event-archive": sound_snapshots.archived(folder, sound_snapshots.sound_archive()).path}


@pytest.mark.parametrize("model", BROKEN)
def test_all_that_is_expected_holds_for_what_is_sound(sound, model):
    result = check_snapshot.check_file(sound[model], suite_of(model), NOW, NOW)

    assert [(one.expectation.name, one.error) for one in result.results if one.outcome != "passed"] == []


@pytest.mark.parametrize(("model", "name"), CASES)
def test_what_breaks_it_is_seen_and_its_rows_are_named(sound, tmp_path, model, name):
    file = tmp_path / "broken.duckdb"
    shutil.copy(sound[model], file)
    with duckdb.connect(file) as connection:
        connection.execute(BROKEN[model][name])
    (wanted,) = (one for one in suite_of(model).expectations(NOW, NOW, is_newest=False) if one.name == name)

    found = great_expectations_run.validate(file, [wanted])

    assert found.verdicts == {name: (False, "")}
    with great_expectations_run.opened(file) as held:
        assert held.execute(wanted.broken).fetchall()


def test_each_expectation_has_a_case_that_breaks_it():
    for suite in SUITES:
        expected = {one.name for one in suite.expectations(NOW, NOW, is_newest=False)}

        assert set(BROKEN[suite.model.name]) == expected


def test_every_view_of_intervals_is_declared_as_one(sound):
    with duckdb.connect(sound["event-archive"], read_only=True) as connection:
        with_an_end = connection.execute(
            "SELECT table_name FROM duckdb_columns() WHERE NOT internal AND column_name IN ('valid_to', 'left_at')"
        ).fetchall()

    assert sorted(name for (name,) in with_an_end) == sorted(view.name for view in INTERVAL_VIEWS)


@pytest.mark.parametrize(
    ("view", "wrong"), [(view, wrong) for view in INTERVAL_VIEWS for wrong in wrong_of(view)], ids=str
)
def test_whatever_is_wrong_with_an_interval_is_said(sound, tmp_path, view, wrong):
    file = tmp_path / "broken.duckdb"
    shutil.copy(sound["event-archive"], file)
    with duckdb.connect(file) as connection:
        connection.execute(INTERVALS[view.name][wrong])
    (wanted,) = (one for one in suite_of("event-archive").rules if one.name == f"{view.name}_are_intervals")

    with great_expectations_run.opened(file) as held:
        said = [words for *_, words in held.execute(wanted.broken).fetchall()]

    assert any(wrong in words.split("; ") for words in said)


def test_names_are_given_once():
    names = [one.name for suite in SUITES for one in suite.expectations(NOW, NOW, is_newest=True)]

    assert len(names) - len(set(names)) == len(SUITES) - 1  # `model_is_fresh` is expected of each
