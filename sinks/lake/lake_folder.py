"""Says where the tables lie and what they are called: `sales_v5.orders` in `sales_v5/orders` of the lake's folder."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: What the catalogue is called, in it and by the engines that open it.
CATALOGUE = "rustok"


class MirrorsElsewhere(Exception):
    """Another process is at it."""


def namespace_of(model_id: str) -> str:
    """Without the dash, which many engines would want quoted."""
    return model_id.replace("-", "_")


def location(path: Path) -> str:
    """As Iceberg names it. Nothing is escaped: it is taken to the letter."""
    return f"file://{path}"


@contextmanager
def alone(lake: Path, model: str) -> Iterator[None]:
    """One process of this machine at a time mirrors a model. Raises `MirrorsElsewhere`."""
    lake.mkdir(parents=True, exist_ok=True)
    with (lake / f".{model}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise MirrorsElsewhere(f"another process is mirroring {model} just now") from held
        yield
