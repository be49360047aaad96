"""Counts the ways to PostgreSQL and back that this thread takes.

What is kept between requests is renewed by other threads, whenever that is due, and is not counted. Nor is a
connection asked for a sign of life, as one is that nobody has heard of for a while.
"""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from api.store import answer_timeouts
from api.store.answer_timeouts import Answering


@contextmanager
def counted_statements() -> Iterator[Callable[[], int]]:
    """Says how many it were since this was entered."""
    here, wait, taken = threading.get_ident(), Answering.wait, 0

    def counting(self: Answering, *arguments: Any, **more: Any) -> Any:
        nonlocal taken
        taken += threading.get_ident() == here
        return wait(self, *arguments, **more)

    with patch.object(Answering, "wait", counting), patch.object(answer_timeouts, "_HEARD_S", math.inf):
        yield lambda: taken
