import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from api.http.readiness import CheckResult, Readiness
from sinks.sink import Unavailable


def test_a_thousand_probes_ask_once() -> None:
    asked = []
    readiness = Readiness(kept_s=60)

    with ThreadPoolExecutor(20) as probes:
        found = list(probes.map(lambda _: readiness.check("postgres", lambda: asked.append(1)), range(1000)))

    assert set(found) == {CheckResult(ok=True, detail="is well")}
    assert len(asked) == 1


def test_what_was_found_is_asked_for_again_when_it_is_old() -> None:
    now_s = [0.0]
    readiness = Readiness(kept_s=1, now_s=lambda: now_s[0])

    def down() -> None:
        raise Unavailable("the store is away")

    first = readiness.check("search", down)
    soon = readiness.check("search", lambda: None)
    now_s[0] = 1.5
    later = readiness.check("search", lambda: None)

    assert first == soon == CheckResult(ok=False, detail="the store is away")
    assert later.ok


def test_a_check_that_hangs_is_told_at_once_and_hangs_alone() -> None:
    end, now_s = threading.Event(), [0.0]
    readiness = Readiness(kept_s=1, now_s=lambda: now_s[0])
    hang: Callable[[], object] = end.wait
    with ThreadPoolExecutor(1) as prober:
        first = prober.submit(readiness.check, "postgres", hang)
        first.result()
    now_s[0] = 30.0

    again, beside = readiness.check("postgres", hang), readiness.check("search", lambda: None)
    end.set()

    assert not again.ok
    assert "30.0 s" in again.detail
    assert beside.ok
