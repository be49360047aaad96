"""A published upcast that lifts in another way is asked about; a new version, a comment or another order is not."""

import json

import pytest

from schemas.evolving.changed_upcasts import changed_upcasts
from schemas.evolving.published_schemas import PublishedState
from tests.schemas.evolving.trees import Tree

EVENTS = "schemas/events/parcel.py"
SOURCE = '''
def grams(pounds: int) -> int:
    return rounded(pounds * 454)


def rounded(grams: int) -> int:
    return grams


class Line:
    @classmethod
    def from_previous(cls, old: LineV1) -> "Line":
        """What lines weigh."""
        return cls(sku=old.sku, weight_g=grams(old.pounds))


class ParcelSent:
    @classmethod
    def from_previous(cls, old: ParcelSentV1) -> "ParcelSent":
        return cls(lines=tuple(Line.from_previous(one) for one in old.lines))
'''


def hinted(tmp_path, was: str, now: str) -> list[str]:
    base = PublishedState(
        name="git:main", commit="", note="", schemas={}, golden={}, sources={"parcel.py": was}, topics=""
    )
    (tmp_path / EVENTS).parent.mkdir(parents=True)
    (tmp_path / EVENTS).write_text(now)
    return [hint.where for hint in changed_upcasts(base, tmp_path)]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("sku=old.sku", "sku=old.sku.upper()"),
        ("pounds * 454", "pounds * 453"),
        ("return grams\n", "return grams // 10 * 10\n"),
    ],
    ids=["itself", "what it calls", "what that calls"],
)
def test_what_lifts_in_another_way_is_asked_about(tmp_path, was, now):
    assert hinted(tmp_path, SOURCE, SOURCE.replace(was, now)) == [f"Line.from_previous in {EVENTS}"]


@pytest.mark.parametrize(
    "now",
    [
        SOURCE,
        SOURCE.replace("What lines weigh.", "Pounds became grams."),
        SOURCE.replace("    return grams\n", "    return grams  # nobody rounds yet\n"),
        SOURCE.replace("class Line:", "class LineV2:")
        .replace("Line.from_previous", "LineV2.from_previous")
        .replace('"Line"', '"LineV2"')
        + "\n\nclass Line:\n    @classmethod\n    def from_previous(cls, old: LineV2):\n        return cls(old.sku)\n",
    ],
    ids=["nothing", "its docstring", "a comment", "it became old"],
)
def test_what_lifts_as_before_is_not(tmp_path, now):
    assert hinted(tmp_path, SOURCE, now) == []


def test_what_is_published_and_no_python_is_compared_with_nothing(tmp_path):
    assert hinted(tmp_path, "<<<<<<< here", SOURCE) == []


def test_the_check_says_so_and_nothing_is_broken(tmp_path):
    tree = Tree.published(tmp_path)
    tree.edit("schemas/events/order.py", "old.order.total_minor if", "old.order.total_minor // 2 if")

    done = tree.check()

    told = json.loads(done.said)
    assert (done.code, told["violations"]) == (0, [])
    assert [(hint["where"], "`rustok schemas impact`" in hint["says"]) for hint in told["hints"]] == [
        ("OrderCancelled.from_previous in schemas/events/order.py", True)
    ]
