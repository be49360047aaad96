"""What both registries are asked, in order. `{s}` is a subject of the story's own, `{id}` the first id it got."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Json = Any


@dataclass(frozen=True, slots=True)
class Step:
    """`story` and `name` together are what the page calls it."""

    story: str
    name: str
    method: str
    path: str
    body: Json = None

    @property
    def title(self) -> str:
        return f"{self.story}: {self.name}"


def record(name: str, *fields: Mapping[str, Json], **more: Json) -> Json:
    return {"type": "record", "name": name, "namespace": "n", "fields": list(fields), **more}


A: Final = {"name": "a", "type": "int"}
ONE: Final = record("R", A)
SAFE: Final = record("R", A, {"name": "b", "type": "int", "default": 0})
WIDER: Final = record("R", {"name": "a", "type": "long"})
MORE: Final = record("R", A, {"name": "b", "type": "int"})
OTHER: Final = record("R", {"name": "a", "type": "string"})
LEVELS: Final = (
    "NONE",
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
)


def schema(of: Json, **more: Json) -> Json:
    return {"schema": json.dumps(of), **more}


def fixed(name: str, size: int = 1, **more: Json) -> Json:
    return {"type": "fixed", "name": name, "size": size, **more}


def enum(*symbols: str, **more: Json) -> Json:
    return {"type": "enum", "name": "n.E", "symbols": list(symbols), **more}


#: Writer, reader: each is asked about with BACKWARD.
PAIRS: Final[Mapping[str, tuple[Json, Json]]] = {
    "the same": (ONE, ONE),
    "int to long": (ONE, WIDER),
    "long to int": (WIDER, ONE),
    "int to string": (ONE, OTHER),
    "bytes to string": (record("R", A | {"type": "bytes"}), record("R", A | {"type": "string"})),
    "a field without a default": (ONE, MORE),
    "a field with a default": (ONE, SAFE),
    "a field less": (SAFE, ONE),
    "another name": (record("R", A), record("S", A)),
    "another name with an alias": (record("R", A), record("S", A, aliases=["R"])),
    "another namespace": (record("R", A), record("R", A) | {"namespace": "m"}),
    "a field renamed with an alias": (ONE, record("R", A | {"name": "z", "aliases": ["a"]})),
    "a symbol more": (enum("A"), enum("A", "B")),
    "a symbol less": (enum("A", "B"), enum("A")),
    "a symbol less and a default": (enum("A", "B"), enum("A", default="A")),
    "another size": (fixed("n.F", 1), fixed("n.F", 2)),
    "a branch more": (["null", "int"], ["null", "int", "string"]),
    "a branch less": (["null", "int", "string"], ["null", "int"]),
    "out of a union": (["int"], "int"),
    "into a union": ("int", ["null", "int"]),
    "items that differ": ({"type": "array", "items": "int"}, {"type": "array", "items": "string"}),
    "another logical type": ({"type": "long", "logicalType": "timestamp-millis"}, {"type": "long"}),
    "another scale": (
        {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 2},
        {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 3},
    ),
    "an alias without its namespace": (fixed("n.Old"), fixed("n.New", aliases=["Old"])),
    "an alias in another namespace": (fixed("Old"), fixed("n.New", aliases=["Old"])),
    "two fields become one": (record("R", A, A | {"name": "b"}), record("R", A | {"aliases": ["b"]})),
    "one field becomes two": (ONE, record("R", A, {"name": "b", "type": "int", "aliases": ["a"]})),
    "one field could be two": (ONE, record("R", A, {"name": "b", "type": "int", "aliases": ["a"], "default": 0})),
    "a branch of the name that cannot read it": (ONE, [OTHER, record("R", A) | {"namespace": "m"}]),
    "a branch of the full name that can": (ONE, [OTHER | {"namespace": "m"}, ONE]),
}

INVALID: Final[Mapping[str, Json]] = {
    "an unknown type": record("R", A | {"type": "n.Nowhere"}),
    "a name that is none": record("1R"),
    "a field twice": record("R", A, A),
    "a symbol twice": enum("A", "A"),
    "a default of another type": record("R", A | {"default": "x"}),
    "a default that is no symbol": enum("A", default="B"),
    "a union in a union": ["int", ["null"]],
    "a type twice in a union": ["int", "int"],
    "a size below nothing": fixed("n.F", -1),
}


@dataclass(slots=True)
class _Story:
    """Steps of one name, as they are told."""

    name: str
    steps: list[Step] = field(default_factory=list)

    def get(self, name: str, path: str) -> None:
        self.steps.append(Step(self.name, name, "GET", path))

    def post(self, name: str, path: str, body: Json) -> None:
        self.steps.append(Step(self.name, name, "POST", path, body))

    def put(self, name: str, path: str, body: Json) -> None:
        self.steps.append(Step(self.name, name, "PUT", path, body))

    def delete(self, name: str, path: str) -> None:
        self.steps.append(Step(self.name, name, "DELETE", path))

    def register(self, name: str, of: Json, subject: str = "{s}", **more: Json) -> None:
        self.post(name, f"/subjects/{subject}/versions", schema(of, **more))


def stories() -> Iterator[Step]:
    for one in (
        registering(),
        reading(),
        references(),
        *levels(),
        verdicts(),
        refusals(),
        deleting(),
        config(),
        modes(),
        contexts(),
        addresses(),
    ):
        titles = [step.name for step in one.steps]
        assert len(set(titles)) == len(titles), f"a name is there twice in {one.name}"
        yield from one.steps


def registering() -> _Story:
    told = _Story("registering")
    told.get("versions before any", "/subjects/{s}/versions")
    told.register("a schema", ONE)
    told.register("the same again", ONE)
    told.post("the same with spaces", "/subjects/{s}/versions", {"schema": json.dumps(ONE, indent=2)})
    told.register("the same under another subject", ONE, "{s}-other")
    told.register("a second version", SAFE)
    told.post("normalised", "/subjects/{s}/versions?normalize=true", schema({"name": "n.R", **_without_name(ONE)}))
    told.register("with a type that is said", ONE, schemaType="AVRO")
    told.register("with a type that is none", ONE, schemaType="NONSENSE")
    told.post("looked up", "/subjects/{s}", schema(ONE))
    told.post("looked up, never seen", "/subjects/{s}", schema(OTHER))
    told.post("looked up, no subject", "/subjects/{s}-none", schema(ONE))
    told.post("a body that is no object", "/subjects/{s}/versions", [1])
    told.post("a body without a schema", "/subjects/{s}/versions", {})
    told.post("an unknown attribute", "/subjects/{s}/versions", schema(ONE, nonsense=1))
    return told


def reading() -> _Story:
    told = _Story("reading")
    told.register("a schema", ONE | {"doc": "{s}"})
    told.register("a second", SAFE | {"doc": "{s}"})
    for version in ("1", "latest", "-1", "0", "99", "first"):
        told.get(f"version {version}", f"/subjects/{{s}}/versions/{version}")
    told.get("a version's schema", "/subjects/{s}/versions/1/schema")
    told.get("versions", "/subjects/{s}/versions")
    told.get("subjects by prefix", "/subjects?subjectPrefix={s}")
    told.get("by id", "/schemas/ids/{id}")
    told.get("a schema alone by id", "/schemas/ids/{id}/schema")
    told.get("subjects of an id", "/schemas/ids/{id}/subjects")
    told.get("versions of an id", "/schemas/ids/{id}/versions")
    told.get("by an id that is not there", "/schemas/ids/999999999")
    told.get("by an id that is none", "/schemas/ids/first")
    told.get("all schemas by prefix", "/schemas?subjectPrefix={s}")
    told.get("the newest by prefix", "/schemas?subjectPrefix={s}&latestOnly=true")
    told.get("types", "/schemas/types")
    return told


def references() -> _Story:
    told = _Story("references")
    uses = record("Uses", {"name": "money", "type": "n.Money"})
    told.register("what is referred to", record("Money", A), "{s}-money")
    reference = {"name": "n.Money", "subject": "{s}-money", "version": 1}
    told.register("who refers", uses, references=[reference])
    told.get("who refers is asked", "/subjects/{s}-money/versions/1/referencedby")
    told.get("with its references", "/subjects/{s}/versions/1")
    told.register("to what is not there", uses, references=[reference | {"version": 7}])
    told.register("without saying it", uses, "{s}-other")
    told.delete("what is referred to, deleted", "/subjects/{s}-money/versions/1")
    told.delete("all of what is referred to, deleted", "/subjects/{s}-money")
    return told


def levels() -> Iterator[_Story]:
    for level in LEVELS:
        told = _Story(f"level {level}")
        told.put("set", "/config/{s}", {"compatibility": "NONE"})
        told.register("a first version", OTHER)
        told.register("a second, unlike it", ONE)
        told.put("set at last", "/config/{s}", {"compatibility": level})
        for name, candidate in (("SAFE", SAFE), ("WIDER", WIDER), ("MORE", MORE), ("OTHER", OTHER)):
            told.post(f"{name} tried with the newest", "/compatibility/subjects/{s}/versions/latest", schema(candidate))
            told.post(f"{name} tried with all", "/compatibility/subjects/{s}/versions", schema(candidate))
        told.register("OTHER again", OTHER)
        told.register("something else", record("R", A | {"type": "boolean"}))
        yield told


def verdicts() -> _Story:
    told = _Story("verdict")
    for place, (name, (writer, reader)) in enumerate(PAIRS.items()):
        told.register(f"{name}, written", writer, f"{{s}}-{place}")
        told.post(name, f"/compatibility/subjects/{{s}}-{place}/versions/latest", schema(reader))
    told.post("with no subject", "/compatibility/subjects/{s}-none/versions/latest", schema(ONE))
    told.post("with no version", "/compatibility/subjects/{s}-0/versions/9", schema(ONE))
    told.post("of no schema", "/compatibility/subjects/{s}-0/versions/latest", {"schema": "{"})
    told.post("with all of no subject", "/compatibility/subjects/{s}-none/versions", schema(ONE))
    return told


def refusals() -> _Story:
    told = _Story("refused")
    told.post("nothing", "/subjects/{s}/versions", {"schema": ""})
    told.post("no JSON", "/subjects/{s}/versions", {"schema": "{"})
    for place, (name, wrong) in enumerate(INVALID.items()):
        told.register(name, wrong, f"{{s}}-{place}")
    return told


def deleting() -> _Story:
    told = _Story("deleting")
    told.register("a schema", ONE)
    told.register("a second", SAFE)
    told.delete("for good at once", "/subjects/{s}/versions/1?permanent=true")
    told.delete("a version", "/subjects/{s}/versions/1")
    told.delete("it again", "/subjects/{s}/versions/1")
    told.get("it", "/subjects/{s}/versions/1")
    told.get("it although deleted", "/subjects/{s}/versions/1?deleted=true")
    told.get("versions", "/subjects/{s}/versions")
    told.get("versions with deleted ones", "/subjects/{s}/versions?deleted=true")
    told.post("looked up", "/subjects/{s}", schema(ONE))
    told.post("looked up although deleted", "/subjects/{s}?deleted=true", schema(ONE))
    told.get("by id", "/schemas/ids/{id}")
    told.delete("it for good", "/subjects/{s}/versions/1?permanent=true")
    told.get("versions after that", "/subjects/{s}/versions?deleted=true")
    told.register("once more", ONE)
    told.get("versions with it", "/subjects/{s}/versions")
    told.delete("a version that is none", "/subjects/{s}/versions/99")
    told.delete("the subject for good at once", "/subjects/{s}?permanent=true")
    told.delete("the subject", "/subjects/{s}")
    told.delete("the subject again", "/subjects/{s}")
    told.get("subjects", "/subjects?subjectPrefix={s}")
    told.get("subjects with deleted ones", "/subjects?deleted=true&subjectPrefix={s}")
    told.delete("the subject for good", "/subjects/{s}?permanent=true")
    told.delete("a subject that never was", "/subjects/{s}-none")
    return told


def config() -> _Story:
    told = _Story("config")
    told.get("of everything", "/config")
    told.put("of everything, changed", "/config", {"compatibility": "FULL"})
    told.get("of everything, then", "/config")
    told.put("of everything, back", "/config", {"compatibility": "BACKWARD"})
    told.register("a schema", ONE)
    told.get("of a subject that has none", "/config/{s}")
    told.get("that holds for it", "/config/{s}?defaultToGlobal=true")
    told.put("of a subject", "/config/{s}", {"compatibility": "FORWARD"})
    told.get("of the subject", "/config/{s}")
    told.put("no level", "/config/{s}", {"compatibility": "SIDEWAYS"})
    told.put("nothing", "/config/{s}", {})
    told.delete("of the subject, deleted", "/config/{s}")
    told.get("of the subject, then", "/config/{s}")
    told.put("of a subject that is not there", "/config/{s}-none", {"compatibility": "FULL"})
    return told


def modes() -> _Story:
    told = _Story("mode")
    told.get("of everything", "/mode")
    told.register("a schema", ONE)
    told.get("of a subject that has none", "/mode/{s}")
    told.get("that holds for it", "/mode/{s}?defaultToGlobal=true")
    told.put("no mode", "/mode/{s}", {"mode": "SIDEWAYS"})
    told.put("only to be read", "/mode/{s}", {"mode": "READONLY"})
    told.get("of the subject", "/mode/{s}")
    told.register("a version then", SAFE)
    told.delete("a version deleted then", "/subjects/{s}/versions/1")
    told.put("to be written", "/mode/{s}", {"mode": "READWRITE"})
    told.register("a version again", SAFE)
    told.put("to be imported into, with versions", "/mode/{s}", {"mode": "IMPORT"})
    told.delete("of the subject, deleted", "/mode/{s}")
    told.get("of the subject, then", "/mode/{s}")
    return told


def contexts() -> _Story:
    told = _Story("context")
    told.register("a schema", ONE, ":.{s}:x")
    told.get("its versions", "/subjects/:.{s}:x/versions")
    told.get("its first version", "/subjects/:.{s}:x/versions/1")
    told.get("the subject without it", "/subjects/x-{s}/versions")
    told.get("which there are", "/contexts")
    return told


def addresses() -> _Story:
    told = _Story("address")
    told.get("the root", "/")
    told.get("who it is", "/v1/metadata/id")
    told.get("which version it is", "/v1/metadata/version")
    told.get("that is none", "/schemas/nonsense")
    told.get("that is none at all", "/nonsense")
    told.delete("that has no such method", "/subjects")
    return told


def _without_name(one: Json) -> Json:
    return {key: value for key, value in one.items() if key not in ("name", "namespace")}
