"""Keeps the bytes that every later reader must understand: golden files with examples of every version ever published.

`tests/golden/<event>.v<N>.json` has the Avro bodies in base64, each beside the record it is, readable, in the fields of
*that* version's class. A file is written once. From the moment it is published it never changes again: whatever the
classes become, they must read these bytes as this record, and lift it to the newest version.
"""

import io
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final

import fastavro

from schemas import avro_schema
from schemas.avro_records import from_record, to_record
from schemas.event_history import History
from schemas.event_json import NotReadable, differences, from_json, to_json
from schemas.evolving.event_examples import examples

FOLDER: Final = Path(__file__).parents[2] / "tests" / "golden"


class NotGolden(ValueError):
    """A file has not the form that golden files have."""


@dataclass(frozen=True, slots=True)
class GoldenExample:
    """`body` is Avro without the frame; `record` is the same as JSON."""

    body: bytes
    record: Any


@dataclass(frozen=True, slots=True)
class Golden:
    event_type: str
    version: int
    examples: tuple[GoldenExample, ...]


def name_of(history: History, version: int) -> str:
    return f"{history.event_type}.v{version}.json"


def made(history: History, version: int) -> Golden:
    """What the golden file of a version has to be on the day it is written."""
    found = tuple(GoldenExample(body(history, version, event), to_json(event)) for event in examples(history, version))
    return Golden(history.event_type, version, found)


def body(history: History, version: int, event: Any) -> bytes:
    """The Avro body of an event that is of this version, without a frame."""
    out = io.BytesIO()
    fastavro.schemaless_writer(
        out, _parsed(history, version), to_record(history.versions[version - 1])(event), strict=True
    )
    return out.getvalue()


@cache
def _parsed(history: History, version: int) -> Any:
    return fastavro.parse_schema(avro_schema.schema(history, version))


def text(golden: Golden) -> str:
    shown = [{"body": b64encode(example.body).decode(), "record": example.record} for example in golden.examples]
    whole = {"event": golden.event_type, "version": golden.version, "examples": shown}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def parsed(written: str) -> Golden:
    """Raises `NotGolden`."""
    try:
        whole = json.loads(written)
        found = tuple(GoldenExample(b64decode(each["body"]), each["record"]) for each in whole["examples"])
        return Golden(whole["event"], whole["version"], found)
    except (ValueError, LookupError, TypeError) as failed:
        raise NotGolden(f"it is no golden file: {type(failed).__name__}: {failed}") from failed


def wrong(golden: Golden, history: History) -> str:
    """What today's classes do not read as it was written, by its path; nothing when all is well."""
    if golden.version > history.newest_version:
        return f"there is no version {golden.version} of {history.event_type} any more"
    for example in golden.examples:
        try:
            event = from_json(history.versions[golden.version - 1], example.record)
            read = _read(history, golden.version, example.body)
            if read != event:
                return f"the bytes are another record now: {', '.join(differences(example.record, to_json(read)))}"
            if body(history, golden.version, event) != example.body:
                return "the same record has other bytes now"
            lifted = history.upcast(event, golden.version)
            if type(lifted) is history.newest:
                body(history, history.newest_version, lifted)
        except NotReadable as different:
            return f"the class has other fields now: {different}"
        except Exception as failed:  # noqa: BLE001  # whatever an upcast raises, it does not lift
            return f"it cannot be read or lifted any more: {culprit(failed)}{type(failed).__name__}: {failed}"
        if type(lifted) is not history.newest:
            return f"lifting it ends at {type(lifted).__name__}, not at {history.newest.__name__}"
    return ""


def culprit(failed: Exception) -> str:
    """The upcast in which it failed, if it was one."""
    named = [frame.f_code.co_qualname for frame, _ in walk_tb(failed.__traceback__)]
    return next((f"{name}: " for name in reversed(named) if name.endswith(".from_previous")), "")


def _read(history: History, version: int, body: bytes) -> Any:
    stream = io.BytesIO(body)
    record = fastavro.schemaless_reader(stream, _parsed(history, version), None)
    if stream.read(1):
        raise ValueError("bytes are left over")
    return from_record(history.versions[version - 1])(record)
