"""A registry of somebody else's, over HTTP: what Confluent's does with the few calls a writer needs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.http_server import address, http_server


@dataclass
class Foreign:
    """`subjects` are lists of `(id, schema)`; `takes` is the authorization it wants. A `level` forbids a v2."""

    subjects: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    takes: str = ""
    level: str = "NONE"
    writes: int = 0
    url: str = ""
    refusal: str = "Unauthorized"

    def answer(self, method: str, path: str, authorization: str, body: Any) -> tuple[int, Any]:
        if self.takes and authorization != self.takes:
            return 401, {"error_code": 401, "message": self.refusal}
        what, subject, *rest = path.strip("/").split("/")
        if what == "mode" and method == "GET":
            return 200, {"mode": self.modes.get(subject, "READWRITE")}
        if what == "mode":
            self.modes[subject] = body["mode"]
            return 200, body
        if what == "config":
            self.level = body["compatibility"]
            return 200, body
        versions = self.subjects.get(subject)
        if method == "POST":
            return self._register(subject, body)
        if versions is None:
            return 404, {"error_code": 40401, "message": f"Subject '{subject}' not found."}
        if rest == ["versions"]:
            return 200, list(range(1, len(versions) + 1))
        schema_id, text = versions[int(rest[1]) - 1]
        return 200, {"subject": subject, "version": int(rest[1]), "id": schema_id, "schema": text}

    def _register(self, subject: str, body: Any) -> tuple[int, Any]:
        versions = self.subjects.setdefault(subject, [])
        if versions and self.level != "NONE":
            return 409, {"error_code": 409, "message": "Schema being registered is incompatible with an earlier schema"}
        if "id" in body and self.modes.get(subject) != "IMPORT":
            return 422, {"error_code": 42205, "message": f"Subject {subject} is not in import mode"}
        self.writes += 1
        versions.append((body.get("id", 1000 + self.writes), body["schema"]))
        return 200, {"id": versions[-1][0]}


@contextmanager
def serving(foreign: Foreign) -> Iterator[Foreign]:
    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            path = self.path.partition("?")[0]
            status, said = foreign.answer(self.command, path, self.headers.get("Authorization", ""), body)
            sent = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = _do  # noqa: N815  # the names http.server calls

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002

    with http_server(Handler) as server:
        foreign.url = address(server)
        yield foreign
