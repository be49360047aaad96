"""Says in JSON what a comparison with the tables found.

{"model", "as_of", "checked", "missing", "extra", "stale", "different", "moving", "examples": [{"kind", "collection",
"part", "tenant_id", "id", "version", "expected_version", "reason"}, …]}, and after a repair `"repaired"`: how many
documents were not right before it and are now.
"""

from typing import Final

from sinks.document_differences import KINDS, DocumentDifference
from sinks.verify_model import Finding

MOST_EXAMPLES: Final = 20


def document(name: str, finding: Finding, repaired: int | None = None) -> dict[str, object]:
    """The finding as described above."""
    return {
        "model": name,
        "as_of": finding.as_of.isoformat() if finding.as_of else None,
        "checked": finding.checked,
        **{kind: finding.of_kind(kind) for kind in KINDS},
        "moving": finding.moving,
        **({} if repaired is None else {"repaired": repaired}),
        "examples": [_example(one) for one in finding.differences[:MOST_EXAMPLES]],
    }


def _example(one: DocumentDifference) -> dict[str, object]:
    return {
        "kind": one.kind,
        "collection": one.collection,
        "part": one.part,
        "tenant_id": str(one.tenant_id),
        "id": str(one.id),
        "version": one.held.version if one.held else None,
        "expected_version": one.wanted.version if one.wanted else None,
        "reason": one.reason,
    }
