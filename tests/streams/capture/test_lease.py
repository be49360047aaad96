"""A process whose lease is over is ended by the kernel, also when it is stopped."""

import os
import signal
import subprocess
import sys

import pytest

from streams.capture import lease
from streams.capture.lease import Lease, LeaseOver, Unlimited

HOLDER = """
import sys, time
from streams.capture.lease import Lease, now
Lease({seconds}).renew(now())
print("holds", flush=True)
sys.stdin.read()
"""

linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such timers")


def _holder(seconds: float) -> "subprocess.Popen[bytes]":
    command = (sys.executable, "-c", HOLDER.format(seconds=seconds))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"holds\n"
    return process


@linux
def test_a_process_that_hangs_is_ended() -> None:
    with _holder(0.05) as process:
        assert process.wait(5) == -signal.SIGKILL


@linux
def test_a_process_that_is_stopped_is_ended() -> None:
    with _holder(0.3) as process:
        os.kill(process.pid, signal.SIGSTOP)

        assert process.wait(5) == -signal.SIGKILL


def test_an_end_in_order_comes_before_the_kernels() -> None:
    ours_until = Lease(60)
    ours_until.check()

    ours_until.renew(lease.now() - 20)
    ours_until.check()
    ours_until.renew(lease.now() - 50)

    with pytest.raises(LeaseOver):
        ours_until.check()
    ours_until.renew(lease.now() + 1_000_000)  # or the kernel ends this test, too


def test_what_kafka_fences_has_no_lease() -> None:
    Unlimited().renew(lease.now() - 1000)

    Unlimited().check()
