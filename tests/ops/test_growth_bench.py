"""What `rustok bench growth` makes of two measurements, and which files it knows."""

from collections import Counter
from pathlib import Path

from ops.bench.growth_bench import Measured, figures
from ops.growth import stack_files


def test_growth_is_told_for_an_order_beside_the_bytes_of_its_events() -> None:
    before = Measured(100, 5_000, Counter({"table orders": 8_192, "topic rustok.order": 1_000, "index i": 500}))
    after = Measured(150, 15_000, Counter({"table orders": 28_192, "topic rustok.order": 31_000, "index i": 400}))

    found = figures(before, after, 10)

    assert found["events"].ours == 5
    assert (found["topic rustok.order"].ours, found["topic rustok.order"].baseline) == (3_000, 1_000)
    assert found["topic rustok.order"].ratio == 3
    assert found["table orders"].ours == found["all table, forever"].ours == 2_000
    assert "index i" not in found
    assert list(found)[-2:] == ["topic rustok.order", "table orders"]


def test_files_are_summed_by_what_is_declared_and_others_are_named(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "api.log"
    strange = tmp_path / "somewhere" / "else"
    for file in (log, strange):
        file.parent.mkdir()
        file.write_bytes(b"x" * 10_000)
    (tmp_path / "logs" / "api.log.1").hardlink_to(log)

    found = stack_files.measured(tmp_path)

    assert found.unknown == ("somewhere/else",)
    assert 10_000 <= found.bytes["logs/*.log*"] < 20_000


def test_a_file_is_of_the_first_pattern_that_it_has() -> None:
    assert stack_files.declared_as("logs/supervisord.log") == "logs/supervisord.log*"
    assert (
        stack_files.declared_as("analytics/sales-v5/parts-1/orders-2.parquet")
        == "analytics/sales-v*/parts-*/*.parquet*"
    )
    assert stack_files.declared_as("analytics/sales-v5/CURRENT.arriving") == "analytics/sales-v*/CURRENT*"
    assert stack_files.declared_as("analytics/sales-v5/sales-v5.unheard-of") is None
    assert stack_files.declared_as("analytics/unheard-of-v1/x") is None
