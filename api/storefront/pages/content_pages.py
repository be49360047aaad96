"""What a shop wrote: a page, a post, and the list of posts, newest first."""

from typing import Any, Final

from apiflask import APIBlueprint
from flask import Response, redirect, request

from api.http.security import public
from api.http.server.mounted_applications import STOREFRONT_ROOT
from api.storefront.markdown_html import markdown_html
from api.storefront.pages.search_pages import WHY, languages
from api.storefront.visit import Visit

_POSTS: Final = 10
_MOST_BELOW: Final = 50

content_pages = APIBlueprint("content_pages", __name__, url_prefix=STOREFRONT_ROOT)


@content_pages.get("/<locale>/pages/<handle>")
@public(WHY)
def show_page(locale: str, handle: str) -> Response:
    """What it says, and the pages below it."""
    return _shown(locale, "page", handle)


@content_pages.get("/<locale>/posts/<handle>")
@public(WHY)
def show_post(locale: str, handle: str) -> Response:
    """What it says, and since when."""
    return _shown(locale, "post", handle)


@content_pages.get("/<locale>/posts")
@public(WHY)
def list_posts(locale: str) -> Response:
    """The newest first, so many on a page."""
    visit = Visit.of(locale)
    cursor = request.args.get("cursor")
    told = visit.api.get("/v1/pages", kind="post", sort="published_desc", limit=_POSTS, cursor=cursor).body
    older = told["next_cursor"] and visit.at("posts", cursor=told["next_cursor"])
    posts = [visit.text_link(one) | {"published_at": one["published_at"]} for one in told["items"]]
    return visit.page("posts.html", posts=posts, older=older, here="posts", languages=languages(visit, "posts"))


def _shown(locale: str, kind: str, handle: str) -> Response:
    visit = Visit.of(locale)
    answer = visit.api.get(f"/v1/pages/by-handle/{handle}", kind=kind, locale=locale)
    if answer.moved_to is not None:
        now = answer.moved_to.partition("?")[0].rpartition("/")[2]
        return redirect(visit.at(f"{kind}s/{now}"), 301)  # type: ignore[return-value]  # werkzeug's, which Flask's is
    page: dict[str, Any] = answer.body
    whole = visit.api.get(f"/v1/pages/{page['id']}", fields="translations").body["translations"]
    handles = {text["locale"]: text["handle"] for text in whole if text["locale"] in visit.shop.locales}
    addresses = {one: visit.at(f"{kind}s/{handles.get(one, page['handle'])}", locale=one) for one in visit.shop.locales}
    return visit.page(
        "page.html",
        page=page,
        text=markdown_html(page["body"]),
        below=_below(visit, page["id"]) if kind == "page" and page["parent_id"] is None else [],
        canonical=visit.whole(visit.at(f"{kind}s/{page['handle']}", currency=visit.shop.currency)),
        alternates=[{"locale": one, "address": visit.whole(addresses[one])} for one in handles],
        languages=[{"locale": one, "address": address} for one, address in addresses.items()],
        here=f"{kind}s/{page['handle']}",
    )


def _below(visit: Visit, page_id: str) -> list[dict[str, str]]:
    told = visit.api.get("/v1/pages", parent_id=page_id, sort="position", limit=_MOST_BELOW).body
    return [visit.text_link(one) for one in told["items"]]
