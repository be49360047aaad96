"""Lets ^C end a question: DuckDB looks for no signal while it works, and Python handles none while DuckDB does."""

import threading
from collections.abc import Callable
from typing import Final

_LOOKED_S: Final = 0.1


def unless_given_up(work: Callable[[], None], give_up: Callable[[], None]) -> None:
    """Does `work` in a thread of its own. At ^C it calls `give_up`, which is to make it end, and raises
    `KeyboardInterrupt` when it has.
    """
    failed: list[BaseException] = []
    done = threading.Event()  # a join that ^C ends takes its thread for ended, too

    def do() -> None:
        try:
            work()
        except BaseException as failure:  # noqa: BLE001  # it is raised where it is waited for
            failed.append(failure)
        finally:
            done.set()

    try:
        threading.Thread(target=do, daemon=True).start()
        while not done.wait(_LOOKED_S):
            pass
    except KeyboardInterrupt:
        while not done.wait(_LOOKED_S):
            give_up()  # again, for when it had not begun
        raise
    if failed:
        raise failed[0]
