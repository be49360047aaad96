"""A command that loaded DuckDB ends without a word of its bindings, and says everything that is its own."""

import subprocess
import sys

LEAKS = """
import atexit, ctypes, sys
{first}
import duckdb
ctypes.pythonapi.Py_IncRef(ctypes.py_object(duckdb.sqltypes.BIGINT))
atexit.register(lambda: print("the last word", file=sys.stderr))
sys.exit(3)
"""


def ended(first: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", LEAKS.format(first=first)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_what_a_command_says_at_its_end_is_said_and_what_its_bindings_count_is_not() -> None:
    code, said = ended("from ops.quiet_end import end_quietly; end_quietly()")

    assert (code, said) == (3, "the last word\n")


def test_the_bindings_would_say_it() -> None:
    _, said = ended("")

    assert "nanobind: leaked" in said
