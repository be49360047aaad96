"""Compares field by field what the running code and this tree make of one event in the read models."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from schemas.event_json import differences
from streams.contracts.other_commit import Folded, FoldedSample

What = Literal["stored", "new"]
_EXAMPLES: Final = 3
_ITEM: Final = re.compile(r"\.\d+(?=\.|$)")
_NOT_SHOWN: Final = "whether it is shown"


@dataclass(frozen=True, slots=True)
class ImpactExample:
    id: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`field` is a path without the numbers of list items: `lines[].title`."""

    field: str
    documents: int
    examples: tuple[ImpactExample, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelImpact:
    """`what`: stored: the same bytes, read by both; new: the same event, in the newest words of this tree.

    `parked` and `refused` are records that the running code, and this tree, makes no document of.
    `versions` are the read model's in the running code and in this tree.
    """

    what: What
    model: str
    versions: tuple[int, int]
    documents: int
    changed: int
    fields: tuple[FieldChange, ...]
    parked: int
    refused: int

    @property
    def needs_new_version(self) -> bool:
        """Documents that exist stay as they are until they are written anew."""
        return self.changed > 0 and self.versions[0] == self.versions[1]


def impact(what: What, running: Folded, tree: Folded, base: Folded | None = None) -> tuple[ModelImpact, ...]:
    """`base` is where the documents before come from, when that is not what `running` made of these records."""
    before = running if base is None else base
    models = dict.fromkeys([*running.models, *tree.models])
    found = (_of_model(what, model, running, tree, before) for model in models)
    return tuple(one for one in found if one.documents or one.parked or one.refused)


def _of_model(what: What, model: str, running: Folded, tree: Folded, before: Folded) -> ModelImpact:
    changes: dict[str, list[ImpactExample]] = defaultdict(list)
    documents = changed = 0
    for old, new in zip(_each(before, model), _each(tree, model), strict=True):
        if old is None or new is None or old.parked or old.refused or new.parked or new.refused:
            continue
        documents += 1
        found = list(_changes(old, new))
        changed += bool(found)
        for field, example in found:
            changes[field].append(example)
    return ModelImpact(
        what=what,
        model=model,
        versions=(running.models.get(model, 0), tree.models.get(model, 0)),
        documents=documents,
        changed=changed,
        fields=tuple(_field(field, examples) for field, examples in sorted(changes.items())),
        parked=sum(1 for one in _each(running, model) if one is not None and one.parked),
        refused=sum(1 for one in _each(tree, model) if one is not None and (one.refused or one.parked)),
    )


def _each(folded: Folded, model: str) -> Iterator[FoldedSample | None]:
    for outcomes in folded.outcomes:
        yield next((one for one in outcomes if one.model == model), None)


def _changes(old: FoldedSample, new: FoldedSample) -> Iterator[tuple[str, ImpactExample]]:
    """One for each field, whatever number of items of a list it is in."""
    if old.document is None or new.document is None:
        if old.document is not new.document:
            shown = ["no" if one.document is None else "yes" for one in (old, new)]
            yield f"{new.collection} ({_NOT_SHOWN})", ImpactExample(new.id, *shown)
        return
    seen: set[str] = set()
    for path in differences(dict(old.document), dict(new.document)):
        field = f"{new.collection}.{_ITEM.sub('[]', path)}"
        if field not in seen:
            seen.add(field)
            yield field, ImpactExample(new.id, _at(old.document, path), _at(new.document, path))


def _at(document: Any, path: str) -> Any:
    for step in path.split("."):
        match document:
            case list() if step.isdigit() and int(step) < len(document):
                document = document[int(step)]
            case {}:
                document = document.get(step)
            case _:
                return None
    return document


def _field(field: str, examples: Sequence[ImpactExample]) -> FieldChange:
    return FieldChange(field, len({example.id for example in examples}), tuple(_first(examples)))


def _first(examples: Iterable[ImpactExample]) -> list[ImpactExample]:
    return list(examples)[:_EXAMPLES]
