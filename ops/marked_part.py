"""Puts what was rendered into a file, between two marks: they stay, and so does everything around them."""


def between(text: str, part: str, begin: str, end: str) -> str:
    """`part` are whole lines, without the last line's end; the second mark is indented as the first is. Raises
    `ValueError` when the marks are not there.
    """
    before, rest = text.split(f"{begin}\n")
    _, after = rest.split(end)
    indent = before[before.rfind("\n") + 1 :]
    return f"{before}{begin}\n{part}\n{indent}{end}{after}"
