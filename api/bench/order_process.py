"""Places orders at a server from a process of its own, over connections that stay open, one at a time on each.

`python -m api.bench.order_process HOST PORT SECONDS CONNECTIONS` reads one line of JSON from stdin, `authorization` and
`bodies`, which are sent in turn, and prints one line: orders a second, and how often what else was answered.
"""

import http.client
import json
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Final

PATH: Final = "/v1/orders"
_PLACED: Final = 201


@dataclass(frozen=True, slots=True)
class Placed:
    """`p99_ms` is of those that were placed; `others` says how often another status came."""

    per_s: float
    p99_ms: float
    others: dict[str, int]


def run(host: str, port: int, seconds: float, connections: int, authorization: str, bodies: list[str]) -> Placed:
    statuses: Counter[int] = Counter()
    taken: list[list[float]] = [[] for _ in range(connections)]
    until = time.perf_counter() + seconds

    def place(at: int) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        headers = {"Authorization": authorization, "Content-Type": "application/json"}
        number = at
        while (asked := time.perf_counter()) < until:
            connection.request("POST", PATH, bodies[number % len(bodies)], headers)
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] += 1
            if answer.status == _PLACED:
                taken[at].append(time.perf_counter() - asked)
            number += connections
        connection.close()

    began = time.perf_counter()
    threads = [threading.Thread(target=place, args=(at,)) for at in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lasted = time.perf_counter() - began
    placed = sorted(one for mine in taken for one in mine)
    p99 = placed[int(len(placed) * 0.99)] * 1000 if placed else 0.0
    others = {str(status): count for status, count in statuses.items() if status != _PLACED}
    return Placed(len(placed) / lasted, p99, others)


def main(arguments: list[str]) -> None:
    host, port, seconds, connections = arguments
    asked = json.loads(sys.stdin.readline())
    placed = run(host, int(port), float(seconds), int(connections), asked["authorization"], asked["bodies"])
    sys.stdout.write(json.dumps(asdict(placed)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
