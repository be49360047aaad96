"""Writes what a check found as pages to read: one with all expectations, and one of Data Docs for each table.

They need nothing from the network: of Data Docs the sections are taken, and neither scripts nor styles from elsewhere.
Pages of a model replace those of the check before.
"""

import copy
import io
import shutil
from collections.abc import Iterator
from contextlib import redirect_stdout
from html import escape
from pathlib import Path
from typing import Any, Final

from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaSectionView

from sinks.quality.check_results import CheckResult, Result
from sinks.quality.great_expectations_run import Validations

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #8885; }
td pre, code { white-space: pre-wrap; font-size: 13px; }
.failed, .fa-times { color: #c0392b; } .warned, .fa-exclamation-triangle { color: #b7791f; }
.passed, .fa-check-circle { color: #2e7d32; } small { opacity: .75; }
.fa-check-circle::before { content: "✓"; } .fa-times::before { content: "✗"; }
.fa-exclamation-triangle::before { content: "!"; }
"""
_WORDS: Final = {"failed": "failed", "warned": "to look at", "passed": "holds"}


def write(folder: Path, result: CheckResult, found: Validations) -> None:
    """In the folder `<model>` of `folder`, which is made; its first page is `index.html`."""
    arriving, pages = folder / f".{result.model}.arriving", folder / result.model
    shutil.rmtree(arriving, ignore_errors=True)
    arriving.mkdir(parents=True)
    for table, validation in found.by_table.items():
        (arriving / f"{table}.html").write_text(_page(f"{result.model}: {table}", _sections(validation), "index.html"))
    (arriving / "index.html").write_text(_page(f"{result.model}: is it sound?", _overview(result), ""))
    shutil.rmtree(pages, ignore_errors=True)
    arriving.rename(pages)


def _page(title: str, body: str, back: str) -> str:
    home = f'<p><a href="{back}">All expectations</a></p>' if back else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{home}<h1>{escape(title)}</h1>\n{body}</body></html>\n"
    )


def _overview(result: CheckResult) -> str:
    as_of = f"{result.as_of:%Y-%m-%d %H:%M:%S} UTC" if result.as_of else "no moment that anybody vouches for"
    checked = f"{result.checked_at:%Y-%m-%d %H:%M:%S} UTC"
    verdict = "No critical expectation failed." if result.is_sound else "Critical expectations failed: do not use it."
    heads = "".join(f"<th>{name}</th>" for name in ("", "Table", "Expected", "Rows that break it"))
    ordered = sorted(result.results, key=lambda one: (one.outcome == "passed", one.outcome, one.expectation.table))
    return (
        f"<p>{verdict} {result.of('passed')} hold, {result.of('failed')} failed, {result.of('warned')} to look at.</p>"
        f"<p><small>{escape(result.snapshot)}, as of {as_of}; checked {checked}</small></p>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(map(_row, ordered))}</tbody></table>"
    )


def _row(one: Result) -> str:
    wanted = one.expectation
    return (
        f'<tr><td class="{one.outcome}">{_WORDS[one.outcome]}</td>'
        f'<td><a href="{wanted.table}.html">{wanted.table}</a></td>'
        f"<td>{escape(wanted.meaning)}<br><small><code>{wanted.name}</code></small></td>"
        f"<td>{''.join(_broken(one))}</td></tr>"
    )


def _broken(one: Result) -> Iterator[str]:
    if one.outcome == "passed":
        return
    yield f"<strong>{one.broken:,}</strong>"
    for example in one.examples:
        yield f"<br><code>{escape(', '.join(f'{name} {value}' for name, value in example.items()))}</code>"
    if one.error:
        yield f"<p>It could not be asked: {escape(one.error)}</p>"
    yield f"<p>{escape(one.expectation.advice)}</p>"


def _sections(validation: Any) -> str:
    """As Data Docs show them, but for the overview, which ours is."""
    view, shown = DefaultJinjaSectionView(), copy.deepcopy(validation)
    for one in shown.results:
        one.result = _escaped(one.result)
    with redirect_stdout(io.StringIO()):  # it prints advice
        _, *sections = ValidationResultsPageRenderer().render(shown).sections
        return "\n".join(
            f"<h2>{escape(one.section_name)}</h2>\n"
            + view.render({"section": one.to_json_dict(), "section_loop": {"index": number}})
            for number, one in enumerate(sections, start=1)
        )


def _escaped(told: Any) -> Any:
    """What was found in the rows, which Data Docs would take for HTML."""
    match told:
        case str():
            return escape(told)
        case dict():
            return {name: _escaped(value) for name, value in told.items()}
        case list() | tuple():
            return [_escaped(value) for value in told]
        case _:
            return told
