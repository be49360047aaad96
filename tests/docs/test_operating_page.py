"""The page for operators names every metric, process, field of the state and event of the log."""

import ast
from dataclasses import fields
from typing import Final

from prometheus_client.metrics import MetricWrapperBase

from ops import metrics
from ops.feeds import Feed
from ops.processes import API, CAPTURE, DEAD_LETTERS, SCHEDULER, WEBHOOKS, feed_process
from ops.settings import PREFIX
from ops.stack_state import Capture, ReadModelState, Running, StackState
from tests.docs.pages import ROOT, first_cells

PAGE: Final = ROOT / "docs" / "operating.md"
EACH_FEED: Final = feed_process(Feed(name="<name>", batch=1, publish_s=1, metrics_port=1))
ROOMS: Final = ("api", "ops", "streams", "sinks")


def test_every_metric_is_there_with_its_type_and_labels() -> None:
    declared = [one for one in vars(metrics).values() if isinstance(one, MetricWrapperBase)]
    page = PAGE.read_text()

    assert first_cells(PAGE, "## Metrics") == [family(one) for one in declared]
    assert [row for row in map(row_of, declared) if row not in page] == []


def test_every_process_is_there_with_its_command_and_port() -> None:
    page = PAGE.read_text()

    for process in (API, CAPTURE, SCHEDULER, DEAD_LETTERS, WEBHOOKS, EACH_FEED):
        command, port = " ".join(process.command), f"{PREFIX}{process.port_setting.upper()}"
        assert f"| `{process.name}` | `rustok {command}` | `{port}` |" in page


def test_every_field_of_the_state_is_there() -> None:
    named = {field.name for part in (StackState, Running, Capture, ReadModelState) for field in fields(part)}
    page = PAGE.read_text()

    assert sorted(name for name in named if f"`{name}`" not in page) == []


def test_every_event_that_asks_for_attention_is_there() -> None:
    page = PAGE.read_text()

    assert sorted(event for event in logged("warning", "error", "crash") if f"`{event}`" not in page) == []


def test_no_event_is_there_that_nobody_logs() -> None:
    told = {event.strip("`") for cell in first_cells(PAGE, "## Logs") for event in cell.split(", ")}

    assert sorted(told - logged("debug", "info", "warning", "error", "crash", "say")) == []


def family(metric: MetricWrapperBase) -> str:
    return str(metric.describe()[0].name)


def row_of(metric: MetricWrapperBase) -> str:
    labels = ", ".join(f"`{label}`" for label in metric._labelnames) or "—"  # noqa: SLF001  # nothing public names them
    return f"| `{family(metric)}` | {metric.describe()[0].type} | {labels} |"


def logged(*how: str) -> set[str]:
    """The events that calls like `log.warning("…")` and `crash("…")` name in our processes."""
    found = set()
    for source in (path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "bench" not in path.parts):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and called(node) in how and node.args:
                found |= {one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)}
    return {event for event in found if isinstance(event, str) and event.isidentifier()}


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(value=ast.Name(id="log" | "_log"), attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""
