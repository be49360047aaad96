"""The manual names every parameter that clients of InstantSearch may send, and what becomes of it."""

from typing import Final

from api.instantsearch.asked.parameters import ONLY_AS, READERS, WITHOUT_EFFECT
from tests.docs.pages import ROOT

#: Of a call's form, not of what is asked.
_FORM: Final = {"indexName", "type", "facet", "facetName"}


def test_every_parameter_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "instantsearch.md").read_text()

    named = {name for name in (*READERS, *ONLY_AS, *WITHOUT_EFFECT) if f"`{name}`" in manual}

    assert {*READERS, *ONLY_AS, *WITHOUT_EFFECT} - named - _FORM == set()
