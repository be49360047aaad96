"""What does a store do on a full disk? A real one, of a few megabytes, in a mount namespace that ends with the process:
`python -m tests.support.full_analytics_disk FOLDER [archive]` prints what happened as JSON.
"""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from ops.settings import Settings

MEGABYTE = 1024 * 1024


def in_a_namespace(folder: Path, *what: str) -> "subprocess.CompletedProcess[str]":
    """Runs this module where it may mount."""
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    command = (
        "unshare",
        *as_root,
        "--mount",
        sys.executable,
        "-m",
        "tests.support.full_analytics_disk",
        str(folder),
        *what,
    )
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _main(folder: Path, what: str) -> None:
    from sinks.analytics import event_archive, sales_facts
    from sinks.duckdb import snapshots
    from sinks.freshness import Freshness
    from sinks.sink import Unavailable
    from streams.feeding.start_positions import Log, places
    from tests.support.examples import MOMENT, archived_order
    from tests.support.sink_contract import POSITION, paid_order

    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)], check=True)
    model, changed = (event_archive.MODEL, archived_order) if what else (sales_facts.MODEL, paid_order)
    sink, told = model.sink(Settings(analytics_dir=folder)), dict[str, object]()
    fresh = Freshness({"rustok.order/0": MOMENT})
    sink.open()
    sink.begin(places({}, {POSITION: Log(topic_id="it", first=0, end=0)}))
    first = [changed(version=1, lines=5) for _ in range(200)]
    sink.write(first, {POSITION: 200})
    sink.publish(fresh)
    filler = folder / "somebody-elses"
    with filler.open("wb") as full, contextlib.suppress(OSError):
        while True:
            full.write(b"x" * MEGABYTE)
            full.flush()

    more = [changed(version=1, lines=50) for _ in range(3000)]
    for what, do in (
        ("write", lambda: sink.write(more, {POSITION: 3200})),
        ("again", lambda: sink.write(more, {POSITION: 3200})),
        ("publish", lambda: sink.publish(fresh)),
    ):
        try:
            do()
            told[what] = "done"
        except Unavailable as away:
            told[what] = away.what
    half = [file.name for file in sink.folder.glob("*.arriving")]
    filler.unlink()
    sink.write(more, {POSITION: 3200})
    sink.publish(fresh)
    current = snapshots.current(sink.folder)
    told |= {
        "half_copies": half,
        "held": len(list(sink.scan("orders"))),
        "position": sink.positions()[POSITION].next,
        "published": None if current is None else current.number,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), *(sys.argv[2:] or [""]))
