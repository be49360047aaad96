"""A browser without JavaScript: it follows links and sends forms as a page has them, and keeps cookies."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

_EMPTY = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_FIELDS = frozenset({"input", "select", "button"})


@dataclass
class Form:
    method: str
    action: str
    fields: list[dict[str, str]] = field(default_factory=list)

    def filled(self, changed: dict[str, Any]) -> list[tuple[str, str]]:
        """What is sent: as it stands in the page, and what the visitor changed."""
        kept = [(one["name"], one["value"]) for one in self.fields if one["name"] not in changed]
        return kept + [(name, one) for name, value in changed.items() for one in _listed(value)]


class Page(HTMLParser):
    """What stands in a document. `problems` is what is wrong with how it is written."""

    def __init__(self, text: str, status: int, headers: Any) -> None:
        super().__init__()
        self.html, self.status, self.headers = text, status, headers
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self.said: list[str] = []
        self.inline: list[str] = []
        self.problems: list[str] = []
        self._open: list[str] = []
        self._link = ""
        self._select = ""
        self.feed(text)
        self.problems += [f"{name} is never closed" for name in self._open]
        self.problems += [f"id {one} is there twice" for one in {one for one in self.ids if self.ids.count(one) > 1}]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())

    def form(self, ending: str) -> Form:
        return next(one for one in self.forms if one.action.partition("?")[0].endswith(ending))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        given = {name: value or "" for name, value in attrs}
        if len(names) != len(given):
            self.problems.append(f"{tag} has an attribute twice")
        self.inline += [f"{tag} {name}" for name in given if name.startswith("on") or name == "style"]
        if "id" in given:
            self.ids.append(given["id"])
        if tag not in _EMPTY:
            self._open.append(tag)
        if tag == "a":
            self._link = given.get("href", "")
        elif tag == "form":
            self.forms.append(Form(given.get("method", "get"), given.get("action", "")))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self.forms[-1].fields.append({"name": self._select, "value": given["value"]})
        elif tag == "input" and "name" in given and self._counts(given):
            self.forms[-1].fields.append({"name": given["name"], "value": given.get("value", "")})

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"{tag} is closed where {self._open[-1:]} is open")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open[-1:] in (["script"], ["style"]):
            return
        self.said.append(data)
        if "a" in self._open and data.strip():
            self.links.setdefault(data.strip(), self._link)

    @staticmethod
    def _counts(given: dict[str, str]) -> bool:
        return given.get("type") not in ("checkbox", "radio") or "checked" in given


class Browser:
    def __init__(self, client: FlaskClient, host: str) -> None:
        self.client, self.host = client, host

    def get(self, address: str, **headers: str) -> Page:
        return self._open("GET", address, headers)

    def send(self, form: Form, **changed: Any) -> Page:
        filled = form.filled(changed)
        if form.method == "get":
            return self.get(f"{form.action.partition('?')[0]}?{urlencode(filled)}")
        body = urlencode(filled)
        return self._open("POST", form.action, {}, data=body, content_type="application/x-www-form-urlencoded")

    def _open(self, method: str, address: str, headers: dict[str, str], **more: Any) -> Page:
        answer = self.client.open(address, method=method, base_url=f"http://{self.host}", headers=headers, **more)
        followed = 0
        while answer.status_code in (301, 302, 303, 308) and followed < 5:
            answer = self.client.get(answer.headers["Location"], base_url=f"http://{self.host}")
            followed += 1
        return Page(answer.text, answer.status_code, answer.headers)


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
