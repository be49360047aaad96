"""What every page needs to know of who asks: the shop of the host, the language, the currency, the way to the API."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Request, Response, current_app, render_template, request
from werkzeug.exceptions import NotFound

from api.domain.money import EXPONENTS
from api.http.dependencies import dependencies
from api.http.middleware import request_ids
from api.http.server.mounted_applications import STOREFRONT_ROOT
from api.http.server.wsgi_call import Wsgi
from api.storefront import cookies
from api.storefront.amounts import money
from api.storefront.own_api import OwnApi, Refused
from api.storefront.quantities import counted_in, quantity
from api.storefront.words import Words
from schemas.events.tenant import Tenant

API: Final = "rustok_storefront_api"
_MOST_AT_THE_FOOT: Final = 12
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
#: Images are where the shop has them; nothing else comes from elsewhere, and nothing runs that stands in a page.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: http: data:; connect-src 'self';"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Visit:
    shop: Tenant
    locale: str
    request: Request

    @classmethod
    def of(cls, locale: str | None) -> "Visit":
        """Raises `NotFound` where the host is no shop's, or the shop does not speak this language."""
        shop = shop_of_host()
        if locale is not None and locale not in shop.locales:
            raise NotFound
        return cls(shop=shop, locale=locale or shop.default_locale, request=request)

    @cached_property
    def words(self) -> Words:
        return Words(self.locale)

    @cached_property
    def api(self) -> OwnApi:
        made: Wsgi = current_app.extensions[API]
        return OwnApi(made, self.request.environ, request_ids.current())

    @cached_property
    def currency(self) -> str:
        asked = self.request.args.get("currency", "")
        return asked if _CURRENCY.fullmatch(asked) and asked in EXPONENTS else self.shop.currency

    @cached_property
    def form_token(self) -> str:
        return cookies.form_token_of(self.request) or cookies.new_form_token()

    @property
    def session(self) -> str | None:
        """What the search is told of who asks. A browser that brings no cookies back has none: it may be a robot."""
        return cookies.visit_of(self.request) or None

    @property
    def cart_count(self) -> int:
        return cookies.count_of(self.request)

    @property
    def has_order(self) -> bool:
        return bool(cookies.claim_of(self.request))

    def at(self, page: str = "", /, *, locale: str | None = None, **parameters: Any) -> str:
        """The address of a page, in this language and currency unless said otherwise."""
        currency = parameters.pop("currency", self.currency)
        given = [(name, value) for name, value in parameters.items() if value not in (None, "", [])]
        if currency != self.shop.currency:
            given.append(("currency", currency))
        query = urlencode(given, doseq=True)
        path = f"{STOREFRONT_ROOT}{quote(locale or self.locale)}/{quote(page)}"
        return f"{path}?{query}" if query else path

    def whole(self, address: str) -> str:
        """With the host in front."""
        return f"{self.request.host_url.rstrip('/')}{address}"

    def money(self, amount_minor: int, currency: str | None = None) -> str:
        return money(amount_minor, currency or self.currency, self.locale)

    def quantity(self, of: int, unit: str | None) -> str:
        return quantity(of, unit)

    def counted_in(self, unit: str | None) -> str:
        return counted_in(unit)

    def text_in(self, texts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """In the visitor's language, the shop's own, or any."""
        by_locale = {text["locale"]: text for text in texts}
        wanted = (self.locale, self.locale.partition("-")[0], self.shop.default_locale)
        return next((by_locale[one] for one in wanted if one in by_locale), texts[0])

    def text_link(self, page: Mapping[str, Any]) -> dict[str, Any]:
        """A page or post of a list as a link: title, summary, language, address."""
        text = self.text_in(page["translations"])
        address = self.at(f"{page['kind']}s/{text['handle']}")
        return {"title": text["title"], "summary": text["summary"], "lang": text["locale"], "address": address}

    def foot(self) -> dict[str, Any]:
        """The pages at the top, and whether there are posts. Nothing where the shop cannot say."""
        try:
            pages = self.api.get("/v1/pages", kind="page", root="true", sort="position", limit=_MOST_AT_THE_FOOT).body
            posts = self.api.get("/v1/pages", kind="post", limit=1, fields="id").body
        except Refused:
            return {"pages": [], "has_posts": False}
        return {"pages": [self.text_link(one) for one in pages["items"]], "has_posts": bool(posts["items"])}

    def page(self, template: str, status: int = 200, **shown: Any) -> Response:
        """Kept by nobody: it is of now, and of this visitor."""
        body = render_template(template, visit=self, words=self.words, foot=self.foot(), **shown)
        answer = answered(body, status)
        if cookies.form_token_of(self.request) != self.form_token:
            cookies.keep_form_token(self.request, answer, self.form_token)
        if self.session is None:
            cookies.begin_visit(self.request, answer)
        return answer


def shop_of_host() -> Tenant:
    """Raises `NotFound`; a closed shop's pages are refused by what they ask."""
    shop = dependencies().tenants.by_host(request.host)
    if shop is None:
        raise NotFound
    return shop


def answered(body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    answer = Response(body, status, content_type="text/html; charset=utf-8", headers=dict(headers or {}))
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["Cache-Control"] = "no-store"
    return answer
