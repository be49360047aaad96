import csv
import json
import shutil
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4
from xml.etree import ElementTree

import duckdb
import pytest

from ops.failure import Failure
from ops.settings import Settings
from sinks import export_command
from sinks.analytics import search_facts
from sinks.analytics.sales_facts import MODEL, ORDER_FACTS
from sinks.duckdb import exported_workbook, pinned_snapshots
from sinks.duckdb.exported_snapshots import Source
from tests.sinks.duckdb.test_publishing import FRESH, TENANT, current, gone, opened, sold, total
from tests.support.examples import MOMENT
from tests.support.sink_contract import paid_order

TABLES = ("orders", "order_lines", "order_reversals", *ORDER_FACTS.views)
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def folder(tmp_path):
    """Of two shops; one has a euro, a yen and a dinar, and a title that a spreadsheet would run."""
    with closing(opened(tmp_path / "analytics")) as sink:
        orders = sold(5)
        for change, currency in zip(orders, ("EUR", "JPY", "KWD", "EUR", "EUR"), strict=True):
            change.document["currency"] = currency
        orders[0].document["lines"][0] |= {"title": "=1+1", "category_path": ["=Home & more", 'A "b"']}
        sink.write([*orders, paid_order(version=1, lines=3)], {})
        sink.publish(FRESH)
        sink.write([gone(orders[4], 2)], {})
        sink.publish(FRESH)
    return tmp_path / "analytics"


def export(folder, target, kind, **more):
    options = {"slug": None, "pinned": None} | more
    export_command.run(Settings(analytics_dir=folder), MODEL, target, kind, **options)


def source(folder, tenant_id=None):
    shape = tuple(MODEL.store.shape)
    return Source(path=current(folder), model="sales", facts=shape, as_of=MOMENT, tenant_id=tenant_id)


def rows(connection, select):
    return sorted(map(repr, connection.execute(select).fetchall()))


def snapshot_rows(folder, name):
    with duckdb.connect(current(folder), read_only=True) as connection:
        return rows(connection, f"FROM {name}")


def test_the_duckdb_file_equals_the_snapshot_and_needs_nothing_else(folder, tmp_path, capsys):
    expected = {name: snapshot_rows(folder, name) for name in TABLES}
    export(folder, tmp_path / "sales.duckdb", "duckdb")
    shutil.rmtree(folder)

    with duckdb.connect(tmp_path / "sales.duckdb", read_only=True) as connection:
        assert {name: rows(connection, f"FROM {name}") for name in TABLES} == expected
        assert connection.execute("SELECT model, as_of FROM exported").fetchall() == [("sales", MOMENT)]
        assert connection.execute("SELECT count(*) FROM freshness").fetchall() == [(len(FRESH.by_partition),)]
        tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {"orders", "order_lines", "order_reversals"} <= tables
    assert "complete up to" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sales.duckdb"]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_folder_of_files_equals_the_snapshot(folder, tmp_path, kind):
    export(folder, tmp_path / "out", kind)

    for name in TABLES:
        expected = snapshot_rows(folder, name)
        if kind == "parquet":
            found = rows(duckdb.connect(), f"FROM read_parquet('{tmp_path}/out/{name}.parquet')")
            assert found == expected
        else:
            with (tmp_path / "out" / f"{name}.csv").open() as file:
                assert len(list(csv.DictReader(file))) == len(expected)
    told = json.loads((tmp_path / "out" / "snapshot.json").read_text())
    assert told["rows"]["sales"] == len(snapshot_rows(folder, "sales"))
    assert told["as_of"] == MOMENT.isoformat()


def test_csv_has_no_formula_and_its_lists_are_json(folder, tmp_path):
    export(folder, tmp_path / "out", "csv")

    with (tmp_path / "out" / "fct_sales.csv").open() as file:
        (line,) = (one for one in csv.DictReader(file) if one["title"] == "'=1+1")

    assert json.loads(line["category_path"]) == ["=Home & more", 'A "b"']


def test_of_one_shop_there_are_its_rows_only(folder, tmp_path):
    from sinks.duckdb import exported_snapshots

    exported_snapshots.to_duckdb(source(folder, TENANT), tmp_path / "one.duckdb")

    with duckdb.connect(tmp_path / "one.duckdb", read_only=True) as connection:
        for name in ("orders", "order_lines", "sales"):
            assert connection.execute(f"SELECT DISTINCT tenant_id FROM {name}").fetchall() == [(TENANT,)]
    assert exported_snapshots.to_folder(source(folder, uuid4()), tmp_path / "none", "csv")["sales"] == 0


def test_what_was_pinned_can_be_exported(folder, tmp_path):
    pin = pinned_snapshots.pin(folder, "sales", "it")

    export(folder, tmp_path / "pinned.duckdb", "duckdb", pinned="it")

    assert total(tmp_path / "pinned.duckdb") == total(pin.path)
    with pytest.raises(Failure, match="There is no pin other of sales"):
        export(folder, tmp_path / "other.duckdb", "duckdb", pinned="other")


def sheet(path, number):
    """The cells of a sheet, a dict of column letters for each line: numbers as decimals, text as it is."""
    with zipfile.ZipFile(path) as book:
        root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314  # it is our own
        assert not list(root.iter(f"{_SHEET}f"))  # a formula
        for line in root.iter(f"{_SHEET}row"):
            cells = {}
            for cell in line:
                column = "".join(filter(str.isalpha, cell.get("r")))
                text = cell.find(f"{_SHEET}is/{_SHEET}t")
                cells[column] = Decimal(cell.findtext(f"{_SHEET}v")) if text is None else text.text
            yield cells


def test_a_workbook_has_a_sheet_for_each_view_with_money_as_decimals_of_its_currency(folder, tmp_path):
    export(folder, tmp_path / "sales.xlsx", "xlsx")

    head, *lines = sheet(tmp_path / "sales.xlsx", 2)
    named = {name: letter for letter, name in head.items()}
    with duckdb.connect(current(folder), read_only=True) as connection:
        sold_minor = connection.execute("SELECT currency, revenue_minor FROM sales ORDER BY ALL").fetchall()
    exponents = {"EUR": 2, "JPY": 0, "KWD": 3}
    expected = [(currency, Decimal(minor).scaleb(-exponents[currency])) for currency, minor in sold_minor]
    assert sorted((line[named["currency"]], line[named["revenue"]]) for line in lines) == sorted(expected)
    assert "=1+1" in {line[named["title"]] for line in lines}
    about = {line["A"]: line["B"] for line in sheet(tmp_path / "sales.xlsx", 1) if "B" in line}
    assert about["as_of"] == MOMENT.isoformat()
    assert about["snapshot"] == current(folder).name


def test_quantities_in_a_workbook_are_numbers_that_add_up(folder, tmp_path):
    export(folder, tmp_path / "sales.xlsx", "xlsx")

    number = 2 + list(source(folder).views).index("fct_sales")
    head, *lines = sheet(tmp_path / "sales.xlsx", number)
    named = {name: letter for letter, name in head.items()}

    assert lines
    assert [line[named["quantity_base"]] for line in lines] == [line[named["quantity"]] for line in lines]


def test_times_in_a_workbook_are_those_of_utc(folder, tmp_path):
    export(folder, tmp_path / "sales.xlsx", "xlsx")

    head, first, *_ = sheet(tmp_path / "sales.xlsx", 2)
    (letter,) = (letter for letter, name in head.items() if name == "placed_at")
    days = first[letter]
    with duckdb.connect(current(folder), read_only=True) as connection:
        moments = {moment for (moment,) in connection.execute("SELECT placed_at FROM sales").fetchall()}
    seconds = {(moment.astimezone(UTC) - datetime(1899, 12, 30, tzinfo=UTC)).total_seconds() for moment in moments}
    assert min(abs(float(days) * 86_400 - one) for one in seconds) < 0.01


def test_more_rows_than_a_sheet_holds_are_said_and_leave_nothing(folder, tmp_path, monkeypatch):
    many = source(folder)
    with pytest.MonkeyPatch.context() as few:
        few.setattr(exported_workbook, "MOST_ROWS", 3)
        with pytest.raises(exported_workbook.TooManyRows, match="sales has"):
            exported_workbook.to_workbook(many, tmp_path / "sales.xlsx")

    assert not list(tmp_path.glob("sales.xlsx*"))


def test_what_is_there_is_never_written_over(folder, tmp_path):
    (tmp_path / "mine").write_text("mine")

    with pytest.raises(Failure, match="is there already"):
        export(folder, tmp_path / "mine", "csv")

    assert (tmp_path / "mine").read_text() == "mine"


def test_a_folder_that_is_not_there_is_said(folder, tmp_path):
    for kind in export_command.KINDS:
        with pytest.raises(Failure, match="cannot be written"):
            export(folder, tmp_path / "no" / "where", kind)


def test_searches_are_exported_too(tmp_path):
    model = search_facts.MODEL
    sink = model.sink(Settings(analytics_dir=tmp_path), goes_live=True)
    sink.open()
    sink.publish(FRESH)
    sink.close()

    for kind in export_command.KINDS:
        export_command.run(
            Settings(analytics_dir=tmp_path), model, tmp_path / f"out-{kind}", kind, slug=None, pinned=None
        )

    with duckdb.connect(tmp_path / "out-duckdb", read_only=True) as connection:
        assert connection.execute("FROM searches").fetchall() == []
