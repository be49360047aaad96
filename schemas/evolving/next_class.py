"""Writes the class of a next version as it looks before anybody edits it: the same fields, and a question.

Its docstring says (or asks) why it came, and `from_previous` copies every field, through the classes inside that have a
new version, too.
"""

import ast
import re
import textwrap
from collections.abc import Mapping
from typing import Final

from schemas.evolving.event_source import Edit, SourceFile, held, own_fields

#: Stands in a docstring where somebody has to say why a version came.
UNSAID: Final = "WHY?"
_WIDTH: Final = 115
_DOCSTRING: Final = re.compile(r"([a-zA-Z]?)(\"{3}|'{3}|\"|')(.*)\2", re.DOTALL)


def copied(text: str, was: str, number: int, frozen: Mapping[str, str], why: str) -> str:
    """The class `text` as the next version of `was`: why it came, and how it is made from the one before.

    A field that was added already can be made only if it may be null; of the others somebody has to say it.
    """
    source = SourceFile(text)
    ((name, node),) = source.classes.items()
    edits = [_docstring(source, node, f"v{number}: {why}")]
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef) and statement.name == "from_previous":
            lines = [statement.lineno, *(each.lineno for each in statement.decorator_list)]
            start = source.place(min(lines), 0)
            edits.append(Edit(len(text[:start].rstrip()), source.span(statement)[1], ""))
    known = {each for each, _ in own_fields(SourceFile(was).classes[name])}
    copies = [f"{each}={_made(each, hint, known, frozen)}" for each, hint in own_fields(node)]
    copies = [each for each in copies if not each.endswith("=")]
    made = f"        return cls({', '.join(copies)})"
    if len(made) > _WIDTH:
        made = "\n".join(["        return cls(", *(f"            {each}," for each in copies), "        )"])
    method = [
        "    @classmethod",
        f'    def from_previous(cls, old: {frozen[name]}) -> "{name}":',
        f'        """What version {number - 1} said, in the words of version {number}."""',
        made,
    ]
    return source.edited(edits) + "\n\n" + "\n".join(method)


def lifted_anew(text: str, changed: Mapping[str, str]) -> str:
    """A class whose `from_previous` lifts what it only copied, where that holds one of the classes that changed.

    What somebody has written there otherwise stays as it is.
    """
    source = SourceFile(text)
    ((_, node),) = source.classes.items()
    hints = dict(own_fields(node))
    edits = []
    for method in node.body:
        if not (isinstance(method, ast.FunctionDef) and method.name == "from_previous"):
            continue
        for given in (each for call in ast.walk(method) if isinstance(call, ast.Call) for each in call.keywords):
            match given:
                case ast.keyword(arg=str(field), value=ast.Attribute(ast.Name("old"), attr) as value) if field == attr:
                    if field in hints and held(hints[field], frozenset(changed)):
                        edits.append(Edit(*source.span(value), _lifted(hints[field], f"old.{field}", changed)))
    return source.edited(edits)


def _docstring(source: SourceFile, node: ast.ClassDef, reason: str) -> Edit:
    """The reason, then what was said before, but not the reason of the version before."""
    sentence = reason if reason.endswith((".", "?", "!")) else f"{reason}."
    first = "\n".join(textwrap.wrap(sentence.replace("\\", "/").replace('"', "'"), _WIDTH))
    start, end = source.span(node.body[0])
    written = _DOCSTRING.fullmatch(source.text[start:end])
    if written is None:
        start = source.place(node.body[0].lineno, 0)
        return Edit(start, start, textwrap.indent(f'"""{first}"""', "    ") + "\n\n")
    prefix, said = written[1], written[3].strip()
    if re.match(r"v\d+: ", said):
        said = said.partition("\n\n")[2].strip()
    whole = f'{prefix}"""{first}\n\n    {said}\n    """' if said else f'{prefix}"""{first}"""'
    return Edit(start, end, whole.replace(f"{first}\n", textwrap.indent(first, "    ").lstrip() + "\n", 1))


def _made(name: str, hint: ast.expr, known: set[str], frozen: Mapping[str, str]) -> str:
    if name in known:
        return _lifted(hint, f"old.{name}", frozen)
    return "None" if isinstance(hint, ast.BinOp) and isinstance(hint.right, ast.Constant) else ""


def _lifted(hint: ast.expr, value: str, frozen: Mapping[str, str]) -> str:
    """How a field is made from the old one: as it is, unless it holds something that has a new version, too."""
    match hint:
        case ast.Name(name) if name in frozen:
            return f"{name}.from_previous({value})"
        case ast.BinOp(left=inner, op=ast.BitOr(), right=ast.Constant(None)) if held(inner, frozenset(frozen)):
            return f"None if {value} is None else {_lifted(inner, value, frozen)}"
        case ast.Subscript(ast.Name("tuple"), ast.Tuple([inner, *_])) if held(inner, frozenset(frozen)):
            return f"tuple({_lifted(inner, 'each', frozen)} for each in {value})"
        case ast.Subscript(ast.Name("Mapping"), ast.Tuple([_, inner])) if held(inner, frozenset(frozen)):
            return f"{{key: {_lifted(inner, 'each', frozen)} for key, each in {value}.items()}}"
    return value
