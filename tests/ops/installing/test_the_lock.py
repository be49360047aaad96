"""The lock is closed: whatever an installed package asks for is in it, so a newer release anywhere changes nothing."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ops.home import project_root

ROOT = project_root()
LINE = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>.+?))?(?: \\)?$", re.MULTILINE)
# These come with a virtual environment, so nobody has to lock them; the third one is the project itself.
NOT_LOCKED = {"pip", "setuptools", "rustok"}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@dataclass(frozen=True, slots=True)
class Wish:
    """`by` wants a package because it is installed, or was asked for with an `extra`."""

    by: str
    extra: str
    requirement: Requirement

    def holds(self, environment: dict[str, str]) -> bool:
        marker = self.requirement.marker
        return marker is None or marker.evaluate({**environment, "extra": self.extra})

    def __str__(self) -> str:
        return f"{self.by}{f'[{self.extra}]' * bool(self.extra)} wants {self.requirement}"


def test_every_wish_of_every_installed_package_is_met_by_the_lock() -> None:
    here = environment()
    lock, wishes = locked(here), [*project_wishes(), *installed_wishes(here)]

    unmet = [str(wish) for wish in wishes if wish.holds(here) and not is_met(wish, lock)]

    assert len(wishes) > 500
    assert any(wish.extra for wish in wishes)
    assert unmet == []


@pytest.mark.parametrize("python", PYTHONS)
def test_what_only_another_python_wants_is_in_the_lock_too(python: str) -> None:
    there = environment(python)
    lock = locked(there)

    missing = [
        str(wish)
        for wish in [*project_wishes(), *installed_wishes(there)]
        if wish.holds(there) and canonicalize_name(wish.requirement.name) not in lock
    ]

    assert missing == []


def test_what_is_installed_is_what_is_locked_and_nothing_else() -> None:
    lock = {name: str(version) for name, version in locked(environment()).items()}
    installed = {name: one.version for name, one in packages().items() if name in lock or name not in NOT_LOCKED}

    assert installed == lock


def test_every_locked_package_has_the_checksums_of_its_files() -> None:
    text = (ROOT / "ops" / "requirements.lock").read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) == len(LINE.findall(text))


def test_a_wish_that_the_lock_does_not_meet_is_found() -> None:
    lock = {canonicalize_name("pydantic"): Version("2.12.0")}

    assert is_met(Wish("apiflask", "", Requirement("pydantic>=2.0")), lock)
    assert not is_met(Wish("apiflask", "", Requirement("pydantic>=3")), lock)
    assert not is_met(Wish("pydantic", "email", Requirement("email-validator>=2")), lock)


def environment(python: str = "") -> dict[str, str]:
    here = {name: str(value) for name, value in default_environment().items()}
    return {**here, "python_version": python, "python_full_version": f"{python}.0"} if python else here


def locked(environment: dict[str, str]) -> dict[str, Version]:
    """The version of each package that is installed there."""
    found = {}
    for line in LINE.finditer((ROOT / "ops" / "requirements.lock").read_text()):
        marker = Requirement(f"x ; {line['marker']}").marker if line["marker"] else None
        if marker is None or marker.evaluate(environment):
            found[canonicalize_name(line["name"])] = Version(line["version"])
    return found


def is_met(wish: Wish, lock: dict[str, Version]) -> bool:
    version = lock.get(canonicalize_name(wish.requirement.name))
    return version is not None and wish.requirement.specifier.contains(version, prereleases=True)


def packages() -> dict[str, Distribution]:
    return {canonicalize_name(one.metadata["Name"]): one for one in distributions()}


def project_wishes() -> list[Wish]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return [Wish("rustok", "", Requirement(one)) for one in wanted]


def installed_wishes(environment: dict[str, str]) -> Iterator[Wish]:
    """Those of every installed package, and of every extra that somebody who is installed asks for."""
    there = packages()
    asked = [(name, "") for name in there if name not in NOT_LOCKED]
    asked += [extra for wish in project_wishes() if wish.holds(environment) for extra in extras(wish)]
    seen = set()
    while asked:
        name, extra = asked.pop()
        if (name, extra) in seen or name not in there:
            continue
        seen.add((name, extra))
        for one in there[name].requires or ():
            wish = Wish(name, extra, Requirement(one))
            asked += extras(wish) if wish.holds(environment) else []
            yield wish


def extras(wish: Wish) -> list[tuple[str, str]]:
    return [(canonicalize_name(wish.requirement.name), extra) for extra in wish.requirement.extras]
