"""A port nobody listens on, and that nobody else in this process was told of."""

from ops.local import ports

_told: set[int] = set()


def free_port() -> int:
    (port,) = ports.unused(1, besides=_told)
    _told.add(port)
    return port
