"""Asks about dead letters from the shell, over the HTTP API like everybody else, so that one implementation decides.

The token is issued by `rustok api token`: of the role operator for all dead letters, of a shop's admin for that shop's.
"""

import getpass
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final, NoReturn

import httpx

from ops.failure import Failure
from ops.settings import Settings

Answer = Mapping[str, Any]
Filters = Mapping[str, str]

_REMEDY: Final = "`rustok status` shows what is down, and `rustok up` starts it."


class DeadLettersClient:
    """`tenant` is the slug of the shop whose dead letters alone are seen; None: all. `why` is for the audit trail."""

    def __init__(self, settings: Settings, tenant: str | None, why: str) -> None:
        self._client = httpx.Client(
            base_url=settings.api_url,
            headers={b"Authorization": f"Bearer {_token(settings, tenant)}".encode(), b"X-Reason": why.encode()},
            timeout=60.0,
        )

    def all(self, filters: Filters, most: int) -> Iterator[Answer]:
        cursor, left = None, most
        while left > 0:
            asked = {**filters, "limit": str(min(left, 200))} | ({"cursor": cursor} if cursor else {})
            page = self._ask("GET", "", params=asked)
            yield from page["items"]
            cursor, left = page["next_cursor"], left - len(page["items"])
            if cursor is None:
                return

    def groups(self, filters: Filters) -> list[Answer]:
        found: list[Answer] = self._ask("GET", "/groups", params=filters)["items"]
        return found

    def get(self, dead_letter_id: str) -> Answer:
        return self._ask("GET", f"/{dead_letter_id}")

    def edit(self, dead_letter_id: str, change: Answer) -> Answer:
        return self._ask("PATCH", f"/{dead_letter_id}", json=change)

    def replay(self, dead_letter_id: str) -> Answer:
        return self._ask("POST", f"/{dead_letter_id}/replay")

    def discard(self, dead_letter_id: str, reason: str) -> Answer:
        return self._ask("POST", f"/{dead_letter_id}/discard", json={"reason": reason})

    def replay_all(self, filters: Filters) -> Answer:
        return self._many("/replay", filters)

    def discard_all(self, filters: Filters, reason: str) -> Answer:
        return self._many("/discard", {**filters, "reason": reason})

    def export(self, filters: Filters) -> Iterator[str]:
        try:
            with self._client.stream("GET", "/v1/dead-letters/export", params=filters) as answer:
                if answer.is_error:
                    answer.read()
                    _refuse(answer)
                yield from answer.iter_lines()
        except httpx.TransportError as lost:
            raise Failure(f"The API does not answer: {lost}.", _REMEDY) from lost

    def _many(self, path: str, body: Filters) -> Answer:
        """Call after call until nothing is left that could be decided so."""
        done, refused = 0, dict[str, str]()
        while True:
            answer = self._ask("POST", path, json=dict(body))
            done += answer["dead_letters"]
            refused |= {one["id"]: one["detail"] for one in answer["refused"]}
            # Whoever asks for a state that the decision does not end would get the same dead letters again.
            if not answer["more"] or body.get("state", "open") != "open":
                return {"dead_letters": done, "refused": [{"id": id_, "detail": told} for id_, told in refused.items()]}

    def _ask(self, method: str, path: str, **request: Any) -> Answer:
        try:
            answer = self._client.request(method, f"/v1/dead-letters{path}", **request)
        except httpx.TransportError as lost:
            raise Failure(f"The API does not answer: {lost}.", _REMEDY) from lost
        if answer.is_error:
            _refuse(answer)
        body: Answer = answer.json()
        return body


def _refuse(answer: httpx.Response) -> NoReturn:
    problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    wrong = "".join(f" {one['field']}: {one['message']}" for one in problem.get("errors", ()))
    told = problem.get("detail") or answer.text[:200]
    raise Failure(f"{told}{wrong if wrong.strip() not in told else ''}", "Nothing was changed.")


def _token(settings: Settings, tenant: str | None) -> str:
    whose = ("--role", "operator") if tenant is None else ("--role", "admin", "--tenant", tenant)
    command = [sys.executable, "-m", "ops.cli", "api", "token", "--json", "--actor", getpass.getuser(), *whose]
    environment = {**os.environ, "RUSTOK_HOME": str(settings.home), "RUSTOK_STACK": settings.stack}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        what, _, remedy = done.stderr.strip().rpartition("\n\n")[2].partition("\n")  # what it logged stands before
        raise Failure(what, remedy or _REMEDY)
    (token,) = json.loads(done.stdout).values()
    return str(token)
