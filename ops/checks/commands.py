"""`rustok api check`: known holes, licences, what is old, secrets and careless code; one by one, or all."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click

from ops.checks.finding import Finding
from ops.failure import Failure
from ops.home import project_root

ROOMS: Final = ("api", "ops", "schemas", "sinks", "streams")
#: What was found, and what else there is to say.
Found = tuple[Sequence[Finding], str]


def _vulnerabilities() -> Found:
    from ops.checks.vulnerabilities import find_vulnerabilities

    return find_vulnerabilities(_lock()), "no known holes in what is locked"


def _licences() -> Found:
    from ops.checks.licences import find_licences

    found, absent = find_licences(_lock())
    return found, "all licences are good" + (f"; not installed here: {', '.join(absent)}" if absent else "")


def _outdated() -> Found:
    from ops.checks.outdated_packages import find_outdated

    return find_outdated(project_root()), "nothing is older than it has to be"


def _secrets() -> Found:
    from ops.checks.secrets_in_files import find_secrets

    return find_secrets(project_root()), "no secrets in what git knows"


def _code() -> Found:
    from ops.checks.careless_code import count_exceptions, find_careless

    root = project_root()
    return find_careless(root), f"no careless code; {count_exceptions(root, ROOMS)} lines say why a rule does not hold"


CHECKS: Final[dict[str, tuple[str, Callable[[], Found]]]] = {
    "vulnerabilities": ("Known holes of what is locked, by pip-audit. Needs the internet.", _vulnerabilities),
    "licences": ("Licences of what is locked, against those that we may use.", _licences),
    "outdated": ("What is locked in an older version than pyproject.toml lets in. Needs the registry.", _outdated),
    "secrets": ("Secrets in what git knows, and in its last commit, by detect-secrets.", _secrets),
    "code": ("What bandit looks for, by ruff's rules S.", _code),
}


@click.group(invoke_without_command=True)
@click.pass_context
def check(context: click.Context) -> None:
    """Known holes, licences, old packages, secrets, careless code. Without a name: all of them, each to its end.

    Exit code 0 when nothing was found, 1 when something was, 2 when something could not be checked.
    """
    if context.invoked_subcommand is None:
        sys.exit(max(_run(name) for name in CHECKS))


def _run(name: str) -> int:
    try:
        found, fine = CHECKS[name][1]()
    except Failure as failure:
        click.echo(f"? {name:<16} {failure.what}\n{'':<19}{failure.remedy}")
        return 2
    click.echo(f"{'✗' if found else '✓'} {name:<16} {f'{len(found)} found' if found else fine}")
    for one in found:
        click.echo(f"    {one.where}: {one.what}")
    return 1 if found else 0


def _lock() -> Path:
    from ops.locks.python_packages import python_lock

    return python_lock(project_root()).file


def _command(name: str, says: str) -> click.Command:
    return click.Command(name, callback=lambda: sys.exit(_run(name)), help=says)


for _name, (_says, _) in CHECKS.items():
    check.add_command(_command(_name, _says))
