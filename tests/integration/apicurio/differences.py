"""Where the two registries differ, and why ours is as it is. docs/registry-compared.md is this table.

`*` stands for anything, in titles as in answers.
"""

import re
from dataclasses import dataclass
from typing import Final

from tests.integration.apicurio.asking import Answer


@dataclass(frozen=True, slots=True)
class Difference:
    title: str
    ours: str
    theirs: str
    why: str

    def explains(self, title: str, ours: Answer, theirs: Answer) -> bool:
        return _like(self.title, title) and _like(self.ours, str(ours)) and _like(self.theirs, str(theirs))

    @property
    def row(self) -> str:
        return f"| {self.title} | `{self.ours}` | `{self.theirs}` | {self.why} |"


def _like(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text, re.DOTALL) is not None


_AS_CONFLUENT: Final = "as Confluent's does"
_LEVEL_OF_ALL: Final = "the level decides how far back is looked, as in Confluent's; Apicurio looks at every version"
_NOT_SAID: Final = f"only what was said is answered, {_AS_CONFLUENT}"
_OUT_OF_ORDER: Final = (
    "what is asked for does not exist in that state: not found, with the code for why, " + _AS_CONFLUENT
)
_OWN_ONLY: Final = (
    "a subject without a rule of its own says so, " + _AS_CONFLUENT + ": `defaultToGlobal` asks for the other"
)
_PREFIX: Final = "Apicurio does not look at `subjectPrefix`"
_READONLY: Final = "a mode is kept, " + _AS_CONFLUENT
_ALIAS: Final = "decoders differ in which field gets the value"
_JSON_ALWAYS: Final = "an error always has a code, as clients expect"

DIFFERENCES: Final = (
    Difference("level *: set*", "200 *", '200 *"normalize": false}', _NOT_SAID),
    Difference("config: of *", '200 {"compatibility": "F*"}', '200 *"normalize": false}', _NOT_SAID),
    Difference("config: of everything, back", "200 *", '200 *"normalize": false}', _NOT_SAID),
    Difference(
        "config: of everything",
        '200 {"compatibilityLevel": "BACKWARD"}',
        '200 {"compatibilityLevel": "NONE"}',
        "without a word from anybody BACKWARD holds, " + _AS_CONFLUENT,
    ),
    Difference("config: of a subject that has none", '404 {"error_code": 40408}', "200 *", _OWN_ONLY),
    Difference("config: of the subject, then", '404 {"error_code": 40408}', "200 *", _OWN_ONLY),
    Difference("mode: of a subject that has none", '404 {"error_code": 40409}', "200 *", _OWN_ONLY),
    Difference("mode: of the subject, then", '404 {"error_code": 40409}', "200 *", _OWN_ONLY),
    Difference("config: nothing", '422 {"error_code": 42203}', '500 {"error_code": 0}', "no level is no level"),
    Difference("mode: no mode", '422 {"error_code": 42204}', '422 {"error_code": 42201}', "Confluent's code"),
    Difference("mode: a version then", '422 {"error_code": 42205}', "200 *", _READONLY),
    Difference("mode: a version deleted then", '422 {"error_code": 42205}', "200 *", _READONLY),
    Difference(
        "mode: to be imported into, with versions",
        '422 {"error_code": 42205}',
        "200 *",
        "IMPORT is for empty subjects, or with `force`, " + _AS_CONFLUENT,
    ),
    Difference("mode: of the subject, deleted", "200 *", '200 {"mode": "IMPORT"}', "it was not set before"),
    Difference("level *: * tried with all", "200 *true}", "200 *false}", _LEVEL_OF_ALL),
    Difference(
        "verdict: with all of no subject",
        '200 {"is_compatible": true}',
        '404 {"error_code": 40401}',
        "the first schema goes with every level, " + _AS_CONFLUENT + " (and Apicurio says it of the newest)",
    ),
    Difference(
        "verdict: two fields become one",
        '200 {"is_compatible": false}',
        '422 {"error_code": 42201}',
        "the new schema is valid; it cannot read the old one's data",
    ),
    Difference("verdict: one field becomes two", '200 {"is_compatible": false}', '200 {"is_compatible": true}', _ALIAS),
    Difference(
        "verdict: one field could be two", '200 {"is_compatible": false}', '200 {"is_compatible": true}', _ALIAS
    ),
    Difference(
        "verdict: a branch of the name that cannot read it",
        '200 {"is_compatible": false}',
        '200 {"is_compatible": true}',
        "decoders take the branch with the name, and fail in it",
    ),
    Difference(
        "registering: with a type that is none",
        '422 {"error_code": 42201}',
        '500 {"error_code": 0}',
        "a type of schema this registry does not take is the caller's mistake",
    ),
    Difference("registering: a body that is no object", '422 {"error_code": 422}', "400 *", _JSON_ALWAYS),
    Difference(
        "registering: a body without a schema",
        '422 {"error_code": 42201}',
        '500 {"error_code": 0}',
        "no schema is no schema",
    ),
    Difference(
        "registering: an unknown attribute",
        '422 {"error_code": 422}',
        "200 *",
        "what is not understood is not dropped in silence, " + _AS_CONFLUENT,
    ),
    Difference("refused: nothing", '422 {"error_code": 42201}', "200 *", "an empty text is no Avro schema"),
    Difference(
        "reading: version *",
        '422 {"error_code": 42202}',
        '404 {"error_code": 40402}',
        "a number that no version can have is not the same as one that none has, " + _AS_CONFLUENT,
    ),
    Difference("reading: subjects by prefix", '200 ["{s}"]', "200 [*, *", _PREFIX),
    Difference("deleting: subjects", "200 []", "200 [*, *", _PREFIX),
    Difference("deleting: subjects with deleted ones", '200 ["{s}"]', "200 [*, *", _PREFIX),
    Difference(
        "reading: * by prefix",
        '200 [*"version": *',
        '200 [{"schema": *',
        "each schema with its subject, version and id, " + _AS_CONFLUENT,
    ),
    Difference(
        "reading: types",
        '200 ["AVRO"]',
        '200 ["JSON", "PROTOBUF", "AVRO"]',
        "our events are Avro; nothing else is checked",
    ),
    Difference(
        "references: with its references",
        '200 *"type": "Money"*',
        '200 *"type": "n.Money"*',
        "the canonical text is kept, " + _AS_CONFLUENT + "; Apicurio keeps the text as it came",
    ),
    Difference("deleting: * for good at once", "404 *", "409 *", _OUT_OF_ORDER),
    Difference("deleting: for good at once", "404 *", "409 *", _OUT_OF_ORDER),
    Difference("deleting: it again", "404 *", "409 *", _OUT_OF_ORDER),
    Difference(
        "deleting: * although deleted",
        '200 {"deleted": true, *',
        "200 *",
        "that it is deleted is said, " + _AS_CONFLUENT,
    ),
    Difference(
        "context: which there are",
        '200 [".", ".{s}"]',
        '200 [":.:"]',
        "Apicurio takes the context for a part of the name",
    ),
    Difference("address: the root", "200 {}", '200 "no JSON"', "Apicurio shows its documentation"),
    Difference("address: who it is", "200 *", '* "no *"', "Apicurio has no such address, and sometimes no answer"),
    Difference(
        "address: which version it is",
        "200 *",
        '* "no *"',
        "Apicurio has no such address, and sometimes no answer",
    ),
    Difference("address: that *", '* {"error_code": *', '* "no JSON"', _JSON_ALWAYS),
    Difference("reading: by an id that is none", '404 {"error_code": 404}', '404 "no JSON"', _JSON_ALWAYS),
)
