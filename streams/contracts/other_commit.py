"""Asks the read models of another commit: takes its code out of git into a folder, and runs it there."""

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ops.failure import Failure
from streams.contracts.event_sample import Said, Sample

_ROOMS: Final = ("ops", "schemas", "sinks")
_PROGRAM: Final = Path(__file__).with_name("fold_sample.py")
_AT_MOST_S: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedSample:
    """What one read model makes of one record: a document (None: not to be seen), or why there is none."""

    model: str
    collection: str = ""
    id: str = ""
    document: Mapping[str, Any] | None = None
    parked: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Folded:
    """`models` are the versions of the read models; `outcomes` has a list for each record that was asked about."""

    models: Mapping[str, int]
    outcomes: Sequence[Sequence[FoldedSample]]


@contextmanager
def code_of(root: Path, commit: str) -> Iterator[Path]:
    """A folder with the code of that commit, as long as it is needed."""
    done = subprocess.run(["git", "archive", commit, "--", *_ROOMS], cwd=root, capture_output=True, check=False)
    if done.returncode != 0:
        raise Failure(
            f"git does not give the code of {commit}: {done.stderr.decode(errors='replace').strip()}",
            "Name a commit that has the folders ops, schemas and sinks.",
        )
    with tempfile.TemporaryDirectory(prefix="rustok-impact-") as folder:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


def fold(code: Path, sample: Sample, records: Sequence[tuple[str, Said | None]], whose: str, remedy: str) -> Folded:
    """What the read models of the code in this folder make of `(topic, record)`; nothing where there is no record.

    `whose` code it is, and the `remedy`, is for whoever has to know that it does not run.
    """
    told = [None if said is None else _told(topic, said) for topic, said in records]
    done = subprocess.run(
        [sys.executable, "-P", str(_PROGRAM)],
        input=json.dumps({"texts": sample.texts, "records": told}),
        capture_output=True,
        text=True,
        check=False,
        cwd=code,
        env={**os.environ, "PYTHONPATH": str(code)},
        timeout=_AT_MOST_S,
    )
    if done.returncode != 0:
        raise Failure(
            f"The read models of {whose} do not run: {(done.stderr.strip().splitlines() or ['?'])[-1]}",
            remedy,
        )
    answer = json.loads(done.stdout)
    return Folded(answer["models"], [[FoldedSample(**one) for one in each] for each in answer["outcomes"]])


def _told(topic: str, said: Said) -> dict[str, object]:
    headers = [(name, None if value is None else value.decode("latin-1")) for name, value in said.headers]
    return {"topic": topic, "value": said.value.decode("latin-1"), "headers": headers}
