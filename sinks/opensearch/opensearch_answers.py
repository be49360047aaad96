"""Tells whose fault it is when OpenSearch does not take a document: its own only if OpenSearch says so, by name.

Everything else is a fault of the store or of how it is run (an index that was dropped, closed or blocked, a full disk,
a missing pipeline, a name nobody has heard of): the document is as good as before, and whoever writes it waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["taken", "refused", "lost", "wait"]

_NEWER_IS_THERE: Final = 409
#: What OpenSearch calls a document that does not fit the mapping.
_OWN_FAULT: Final = frozenset(
    {
        "mapper_parsing_exception",
        "document_parsing_exception",
        "strict_dynamic_mapping_exception",
    }
)
#: A name that is also given to other faults, with words that say it is the document.
_OWN_FAULT_IN_WORDS: Final = (("illegal_argument_exception", "immense term"),)
_LOST: Final = "index_not_found_exception"
_LONGEST_REASON: Final = 2000


@dataclass(frozen=True, slots=True)
class BulkAnswer:
    """What became of one action of a bulk. `taken` is also what is there in a newer version."""

    kind: Kind
    reason: str = ""


_TAKEN: Final = BulkAnswer("taken")


def read_answer(item: Mapping[str, Any], action: str = "index") -> BulkAnswer:
    """`item` is the answer to one action, as a bulk has it. An `update` compares versions itself: a conflict is no
    newer version, but others who write to the same document and were first.
    """
    status, error = item["status"], item.get("error")
    if status == _NEWER_IS_THERE and action == "update":
        return BulkAnswer("wait", "others keep writing to the same document")
    if status == _NEWER_IS_THERE or (status < 400 and not error):
        return _TAKEN
    said = error if isinstance(error, Mapping) else {"type": str(error), "reason": ""}
    name, reason = str(said.get("type")), _reason(said)
    if name in _OWN_FAULT or any(name == other and words in reason for other, words in _OWN_FAULT_IN_WORDS):
        return BulkAnswer("refused", reason)
    return BulkAnswer("lost" if name == _LOST else "wait", f"OpenSearch answers {status} for a document: {reason}")


def _reason(error: Mapping[str, Any]) -> str:
    cause = error.get("caused_by") or {}
    text = f"{error.get('type')}: {error.get('reason')}" + (f" ({cause.get('reason')})" if cause else "")
    return text[:_LONGEST_REASON]
