"""A payment provider whose ledger is a folder, so that it outlives who asks it: a file for each key it took money for.

For an order of which there is a file `before-<id>` or `after-<id>` it stops there, before or after the money is taken,
and leaves its process id in `stopped-<id>`.
"""

import os
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from api.domain.payment_provider import Charge, MoneyBack, NotFromProvider, Outcome, SentBack, Told
from ops.settings import Settings
from tests.support.payment_providers import took

NAME = "filed"


class FiledProvider:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def start(self, charge: Charge) -> Outcome:
        self._stop("before", charge)
        with (self._folder / f"taken-{charge.payment_id}").open("a") as file:
            file.write(f"{charge.amount_minor}\n")
        self._stop("after", charge)
        return took(charge)

    def taken(self) -> list[str]:
        """The ids of the payments it took money for."""
        return [path.name.removeprefix("taken-") for path in self._folder.glob("taken-*")]

    def refund(self, back: MoneyBack) -> SentBack:
        return SentBack()

    def read_webhook(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told | None:
        raise NotFromProvider("It sends none.")

    def _stop(self, where: str, charge: Charge) -> None:
        if (self._folder / f"{where}-{charge.order_id}").exists():
            written = self._folder / f"stopping-{charge.order_id}"
            written.write_text(str(os.getpid()))
            written.rename(self._folder / f"stopped-{charge.order_id}")
            threading.Event().wait(60)


def make(_: Settings) -> FiledProvider:
    return FiledProvider(Path(os.environ["FILED_PROVIDER"]))


def install(folder: Path) -> dict[str, str]:
    """The environment of a process that finds it as it finds any provider that is installed."""
    described = folder / "filed_provider-1.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: filed-provider\nVersion: 1\n")
    (described / "entry_points.txt").write_text(f"[rustok.payment_providers]\n{NAME} = {__name__}:make\n")
    root = Path(__file__).parents[2]
    return {
        "PYTHONPATH": os.pathsep.join((str(folder), str(root))),
        "RUSTOK_PAYMENT_PROVIDER": NAME,
        "FILED_PROVIDER": str(folder),
    }
