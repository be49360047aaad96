"""People of a test's shop, with a mailbox: whatever is mailed to them is read here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.http.dependencies import EXTENSION, Dependencies
from api.http.user_standings import StoredStandings
from api.use_cases.users.hash_passwords import PasswordHashes
from api.use_cases.users.sign_in_desk import SignInDesk, SignInTimes
from ops.mailers import Mail
from tests.integration.api.shops import Shop

PASSWORD = "correct horse battery"


@dataclass
class Mailbox:
    mails: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.mails.append(mail)

    def close(self) -> None:
        return None

    def token(self, email: str, about: str) -> str:
        """What was mailed last."""
        mail = [one for one in self.mails if (one.to, one.about) == (email, about)][-1]
        found = re.search(r"rtl_[\w=-]+", mail.text)
        assert found, mail.text
        return found[0]


@dataclass
class Seconds:
    """Time of the cache, which the test moves."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class People:
    """Calls of people of `shop`; `other` is another worker, with a cache of its own."""

    app: APIFlask
    shop: Shop
    mailbox: Mailbox
    seconds: Seconds

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.client.post(path, json=body, headers=headers)

    def email(self) -> str:
        return f"anna-{uuid4().hex[:8]}@shop.example"

    def invite(self, role: str = "admin", **more: Any) -> dict[str, Any]:
        """Somebody who has come: what is answered about them, and their `email`."""
        email = self.email()
        made = self.shop.post("/v1/users", {"email": email, "name": "Anna", "role": role, **more})
        assert made.status_code == 201, made.text
        self.come(email)
        return dict(made.json)

    def come(self, email: str) -> None:
        token = self.mailbox.token(email, "invitation")
        done = self.post("/v1/auth/password", {"token": token, "password": PASSWORD})
        assert done.status_code == 204, done.text

    def log_in(self, email: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/v1/auth/login", {"email": email, "password": password, "shop": self.shop.tenant["slug"]})

    def signed_in(self, email: str) -> dict[str, Any]:
        answer = self.log_in(email)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def refresh(self, token: str) -> TestResponse:
        return self.post("/v1/auth/refresh", {"refresh_token": token})

    def call(self, given: dict[str, Any], method: str, path: str, body: Any = None) -> TestResponse:
        """As who was given these tokens."""
        sent = {"headers": {"Authorization": f"Bearer {given['access_token']}"}}
        return self.client.open(path, method=method, **sent, **({} if body is None else {"json": body}))

    def a_second_later(self) -> None:
        self.seconds.now += 1.0


def people_of(app: APIFlask, shop: Shop, **times: timedelta) -> Iterator[People]:
    """The same API with a mailbox, cheap hashes and a clock for its cache."""
    own: Dependencies = app.extensions[EXTENSION]
    mailbox, seconds = Mailbox(), Seconds()
    desk = SignInDesk(
        store=own.store,
        hashes=PasswordHashes(2, passes=1, memory_kib=64),
        mailer=mailbox,
        refresh_key=b"k" * 32,
        times=SignInTimes(**times),
    )
    made = create_app(replace(own, desk=desk, standings=StoredStandings(own.store, seconds)))
    shop.client = made.test_client()
    yield People(made, shop, mailbox, seconds)
