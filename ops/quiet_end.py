"""Has a command say nothing more once it has ended: DuckDB's bindings count what Python left of them, at length.

What is held is named by modules that Python does not take apart at its end, and goes with the process.
"""

import atexit
import os
import sys


def end_quietly() -> None:
    """To be called before anything else is to be done at the end: what is registered first comes last.

    Until then everything is said, and how the process ends stays as it is.
    """
    atexit.register(_say_no_more)


def _say_no_more() -> None:
    if "_duckdb" not in sys.modules or sys.stderr is None:
        return
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
