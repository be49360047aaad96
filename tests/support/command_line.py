"""Runs `rustok` commands in processes that have read the code already: reading it takes longer than most commands.

A first process, without threads, imports what commands are made of and then makes a copy of itself for each command:
with the environment, the folder and the files that it is sent, and nothing of any command before. All of them end with
whoever started it.
"""

import atexit
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from ops.home import project_root

#: What the larger commands import when they are asked for.
READ: Final = (
    "api.commands",
    "api.issue_tokens",
    "api.wsgi",
    "ops.commands.down",
    "ops.commands.restart",
    "ops.commands.status",
    "ops.commands.up",
    "sinks.commands",
    "sinks.stores",
    "streams.commands",
    "streams.feeding.feed_read_model",
)
_LENGTH: Final = struct.Struct("!I")


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """To its end, with nothing to read and what it says kept."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, socket.socket(socket.AF_UNIX) as asked:
        asked.connect(_place())
        sent = json.dumps([list(arguments), dict(environment), os.getcwd()]).encode()
        socket.send_fds(asked, [_LENGTH.pack(len(sent))], [out.fileno(), err.fileno()])
        asked.sendall(sent)
        (code,) = struct.unpack("!i", _received(asked, 4))
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode(errors="replace"))
    return subprocess.CompletedProcess(["rustok", *arguments], code, *said)


@cache
def _place() -> str:
    """Where the first process listens; it ends when its standard input does."""
    folder = tempfile.mkdtemp(prefix="rustok-commands-")
    place = str(Path(folder, "asked"))
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=project_root(),
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
        start_new_session=True,
    )
    assert process.stdout is not None
    if process.stdout.readline() != b"ready\n":
        raise AssertionError("the process that runs commands did not start")
    atexit.register(_end, process, folder)
    return place


def _end(process: "subprocess.Popen[bytes]", folder: str) -> None:
    process.communicate()
    with suppress(OSError):
        Path(folder, "asked").unlink()
        Path(folder).rmdir()


def _received(of: socket.socket, length: int) -> bytes:
    got = b""
    while len(got) < length:
        more = of.recv(length - len(got))
        if not more:
            raise AssertionError("the process that runs commands is gone")
        got += more
    return got


def _serve(place: str) -> None:
    for module in READ:
        import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # copies leave nothing behind
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(place)
        listening.listen(64)
        os.write(1, b"ready\n")
        if os.fork() == 0:  # waits for whoever started us
            os.read(0, 1)
            os.killpg(os.getpgrp(), signal.SIGKILL)  # with the commands that still run, when that one was killed
        while True:
            asked, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _answer(asked)
            asked.close()


def _answer(asked: socket.socket) -> None:
    """In a process of its own: starts the command in another, and tells how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, files, _, _ = socket.recv_fds(asked, _LENGTH.size, 2)
    arguments, environment, folder = json.loads(_received(asked, *_LENGTH.unpack(head)))
    pid = os.fork()
    if pid == 0:
        asked.close()
        _be(arguments, environment, folder, files)
    _, status = os.waitpid(pid, 0)
    with suppress(OSError):
        asked.sendall(struct.pack("!i", os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _be(arguments: Sequence[str], environment: Mapping[str, str], folder: str, files: Sequence[int]) -> None:
    """The command, as `python -m ops.cli` is it."""
    from ops.cli import main

    nothing = os.open(os.devnull, os.O_RDONLY)
    for there, wanted in enumerate((nothing, *files)):
        os.dup2(wanted, there)
    os.closerange(3, 256)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["rustok", *arguments]
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:  # noqa: BLE001  # as the interpreter does
        sys.excepthook(*sys.exc_info())
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001  # as at any end, with what follows
        atexit._run_exitfuncs()  # noqa: SLF001
        os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1])
