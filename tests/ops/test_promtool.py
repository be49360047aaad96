"""What Prometheus' own tool makes of the rules and of the live pages is what our evaluator makes of them."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from ops.processes import all_processes
from tests.docs.pages import ROOT
from tests.support import promtool
from tests.support.alert_cases import NOW, RULES, RULES_FILE, STEP_S, Scrape, firing, scrapes, within
from tests.support.stack import Stack

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BEFORE_S = 1200.0
DAY_S = 86400.0
QUARTER_S = 900.0
#: Promtool's clock begins at 0. Where an age of days is asked for, and 0 means something else, it has to run for days.
LONG_AGO = {"OutboxIsNotPruned": 7 * DAY_S}
FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})'
CASES = ["", *(rule.name for rule in RULES)]


def test_the_rules_and_the_configuration_are_right() -> None:
    found = promtool.run("check", "rules", "--lint-fatal", RULES_FILE)
    config = promtool.run("check", "config", "--syntax-only", ROOT / "ops" / "prometheus.yml")

    assert found.returncode == 0, found.stdout + found.stderr
    assert f"SUCCESS: {len(RULES)} rules found" in found.stdout
    assert config.returncode == 0, config.stdout + config.stderr


@pytest.mark.parametrize("rule", CASES, ids=lambda rule: rule or "all is well")
def test_prometheus_fires_and_is_silent_when_our_evaluator_is(rule: str, tmp_path: Path) -> None:
    began, step = LONG_AGO.get(rule, 0.0), QUARTER_S if rule in LONG_AGO else STEP_S
    before = 2 * step if rule in LONG_AGO else BEFORE_S
    moments = list(scrapes(rule or None, seconds=within(rule) + 2 * step if rule else 600, before=before, step=step))
    ours = [(at - NOW + before + began, names) for at, names in firing(iter(moments))]
    changes = [two for one, two in pairwise(ours) if one[1] != two[1]]
    asked = [*(one for one, two in pairwise(ours) if one[1] != two[1]), *changes, ours[-1]]
    file = tmp_path / "cases.yaml"
    file.write_text(
        yaml.safe_dump(
            {
                "rule_files": [str(RULES_FILE)],
                "evaluation_interval": f"{step:.0f}s",
                "tests": [
                    {
                        "interval": f"{step:.0f}s",
                        "input_series": list(_series(moments, NOW - before - began, round(began / step))),
                        "promql_expr_test": [_expectation(at, names) for at, names in asked],
                    }
                ],
            }
        )
    )

    found = promtool.run("test", "rules", file)

    assert found.returncode == 0, found.stdout + found.stderr
    assert not rule or rule in ours[-1][1]
    assert rule or not ours[-1][1]


@pytest.mark.chain
@pytest.mark.parametrize("process", all_processes(), ids=lambda process: process.name)
def test_live_pages_are_as_prometheus_wants_them(stack: Stack, process: Any) -> None:
    page = httpx.get(process.metrics_url(stack.settings), timeout=10).text

    found = promtool.run("check", "metrics", said_to_it=page)

    assert found.returncode == 0, found.stdout + found.stderr


def _expectation(at: float, names: set[str]) -> dict[str, Any]:
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(names)]
    return {"expr": FIRING, "eval_time": f"{at:.0f}s", "exp_samples": samples}


def _series(moments: list[tuple[float, list[Scrape]]], zero: float, silence: int) -> Iterator[dict[str, str]]:
    """Instants are counted from `zero`; a series that ends has a stale marker there."""
    told: dict[str, list[str]] = {}
    for number, (_, found) in enumerate(moments):
        for scrape in found:
            up = {("up", frozenset[tuple[str, str]]()): float(scrape.samples is not None)}
            for (name, labels), value in {**(scrape.samples or {}), **up}.items():
                pairs = ",".join(f'{label}="{text}"' for label, text in sorted([*labels, *scrape.target.items()]))
                at = value - zero if name.endswith("timestamp_seconds") and value else value
                line = told.setdefault(f"{name}{{{pairs}}}", [])
                _until(line, number)
                line.append(f"{at:g}" if abs(at) < 1e5 else f"{at:.3f}")
    for series, values in told.items():
        _until(values, len(moments))
        yield {"series": series, "values": " ".join([*(["_"] * silence), *values])}


def _until(values: list[str], number: int) -> None:
    while len(values) < number:
        values.append("stale" if values and values[-1] not in ("stale", "_") else "_")
