"""A page is found by the words that people see of it, while it is published."""

from dataclasses import replace
from uuid import UUID

import pytest

from schemas.events.page import Page, PageArchived, PageDeleted, PagePublished, PageText, PageUpdated
from sinks.search.page_documents import page_document
from sinks.search.words.markdown_text import markdown_text
from tests.support.examples import MOMENT, envelope

TEXT = PageText(
    locale="en-GB",
    title="Delivery times",
    handle="delivery",
    summary="When it comes",
    body="# Soon\n\nWithin **two** days, see [the map](https://maps.example/secret).",
    seo_title=None,
    seo_description=None,
)
PAGE = Page(
    id=UUID(int=7),
    kind="post",
    status="published",
    parent_id=None,
    position=0,
    translations=(TEXT, replace(TEXT, locale="de", title="Lieferzeiten", body="In zwei Tagen.")),
    tags=("news",),
    published_at=MOMENT,
    created_at=MOMENT,
    updated_at=MOMENT,
)


def test_a_published_page_is_shown_and_each_text_goes_to_its_language() -> None:
    change = page_document(envelope(aggregate_version=2), PagePublished(page=PAGE))

    assert (change.collection, change.id, change.version) == ("pages", PAGE.id, 2)
    assert change.document is not None
    assert change.document["title"] == {"en": "deliveri time", "de": "lieferzeit"}
    assert set(change.document["words"]["en"].split()) == {"when", "it", "comes", "news"}
    assert "two" in change.document["description"]["en"].split()
    assert "maps" not in change.document["description"]["en"]
    assert change.document["texts"]["en-GB"]["body"] == "Soon Within two days, see the map."
    assert (change.document["kind"], change.document["languages"]) == ("post", ["en", "de"])


@pytest.mark.parametrize(
    "event",
    [
        PageArchived(page=replace(PAGE, status="archived")),
        PageUpdated(page=replace(PAGE, status="draft"), changed=("tags",)),
        PageDeleted(page=PAGE),
    ],
)
def test_anything_else_is_a_tombstone(event: PageArchived | PageUpdated | PageDeleted) -> None:
    assert page_document(envelope(), event).document is None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("*Two*  __days__\nand `code`", "Two days and code"),
        ("- one\n- two\n\n> three", "one two three"),
        ("| a | b |\n|---|---|\n| c | d |", "a b c d"),
        ("![a loaf](https://x.example/a.png) of [rye](/rye 'title')", "a loaf of rye"),
        ("```html\n<b>bold</b> text\n```", "bold text"),
        ("<script>alert(1)</script>Hello <b>there</b>", "Hello there"),
        ("Salt &amp; pepper &lt;3", "Salt & pepper <3"),
        ("", ""),
    ],
)
def test_what_people_see_of_markdown_is_its_text(source: str, text: str) -> None:
    assert markdown_text(source) == text
