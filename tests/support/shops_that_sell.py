"""Shops that sell as fast as they can, while a test does something to the servers."""

from collections.abc import Sequence

from ops.chaos.shop_writers import Writer
from tests.support.waiting import wait_until


def sold_more(writers: Sequence[Writer], number: int, within_s: float) -> None:
    """Returns when each has sold so many times more."""
    wanted = [writer.paid + number for writer in writers]
    wait_until(
        lambda: all(writer.paid >= each for writer, each in zip(writers, wanted, strict=True)),
        within_s,
        f"every shop has sold {number} times more",
    )
