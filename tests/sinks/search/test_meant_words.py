"""What may have been meant is read from whatever the index has, also from one that knew no parts yet."""

from typing import Any

from sinks.search.meant_words import did_you_mean


def found(called: str, **words: Any) -> dict[str, Any]:
    """One product, as it was answered."""
    empty: dict[str, Any] = {name: {} for name in ("title_words", "words", "title", "stems", "description", "also")}
    texts = {"de": {"title": called, "subtitle": None}}
    source = {**empty, "languages": ["de"], "texts": texts, "code_words": "", **words}
    return {"best": {"hits": {"hits": [{"_source": source}]}}}


def test_a_part_of_a_compound_is_meant_with_its_accents() -> None:
    meant = did_you_mean("brüste", ["de"], found("Zahnbürste", parts={"de": "burst burste zahn"}), {})

    assert meant is not None
    assert meant.q == "bürste"


def test_an_index_of_the_version_before_is_read() -> None:
    old = found("Blauer Käse", title_words={"de": "blauer kase"}, title={"de": "blau kas"})

    meant = did_you_mean("Blauer Köse", ["de"], old, {})

    assert meant is not None
    assert meant.q == "Blauer käse"
