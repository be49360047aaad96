"""Keeps a process that was stopped from waking up when another has taken its place.

Records that wait in the Kafka client are sent by its own threads, before any code of ours could look at a clock. So the
kernel watches the lease: a timer that ends the process, stopped or not, unless it was renewed in time. The time counts
from before the server was asked, and the server answers on the session that holds the lock of the slot: whoever
ends that session knows that after `seconds` nothing more is sent by this process.

Only Linux has such timers. Elsewhere a capture that was stopped is not ended; `exact` is fenced by Kafka everywhere.
"""

import ctypes
import signal
import sys
import time
from typing import Any, Final

#: Counts on while the machine sleeps.
CLOCK_BOOTTIME: Final = 7
TIMER_ABSTIME: Final = 1
NANOSECONDS: Final = 1_000_000_000

#: The share of the lease after which an orderly end is better than waiting.
ENOUGH: Final = 0.7


class LeaseOver(Exception):
    """PostgreSQL did not say in time that the slot is still ours."""


class _Event(ctypes.Structure):
    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_char * 48),
    )


class _Moment(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Setting(ctypes.Structure):
    _fields_ = (("interval", _Moment), ("expires", _Moment))


def now() -> float:
    """The clock leases are measured by, in seconds."""
    return time.clock_gettime(CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()


class Lease:
    """Runs from the first `renew`; from then on the process ends `seconds` after the moment it named last."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._asked_at: float | None = None
        self._timer = _Timer() if sys.platform == "linux" else None

    def renew(self, asked_at: float) -> None:
        """The server was asked at `asked_at` (by `now`), and has answered that the slot is ours."""
        self._asked_at = asked_at
        if self._timer is not None:
            self._timer.end_the_process_at(asked_at + self.seconds)

    def check(self) -> None:
        """Raises when waiting any longer would be for the kernel to end."""
        if self._asked_at is not None and now() - self._asked_at > self.seconds * ENOUGH:
            raise LeaseOver(f"PostgreSQL has not answered for {self.seconds * ENOUGH:.1f} s")


class Unlimited:
    """No lease: who is late is fenced by Kafka."""

    seconds = 0.0

    def renew(self, asked_at: float) -> None:
        return None

    def check(self) -> None:
        return None


class _Timer:
    def __init__(self) -> None:
        self._libc: Any = ctypes.CDLL(None, use_errno=True)
        self._id = ctypes.c_void_p()
        event = _Event(signal=signal.SIGKILL)
        self._require(self._libc.timer_create(CLOCK_BOOTTIME, ctypes.byref(event), ctypes.byref(self._id)))

    def end_the_process_at(self, moment: float) -> None:
        seconds, rest = divmod(int(moment * NANOSECONDS), NANOSECONDS)
        setting = _Setting(expires=_Moment(seconds, rest))
        self._require(self._libc.timer_settime(self._id, TIMER_ABSTIME, ctypes.byref(setting), None))

    @staticmethod
    def _require(result: int) -> None:
        if result:
            raise OSError(ctypes.get_errno(), "the kernel gives no timer")
