"""Looks for secrets in what git knows: the files as they lie here and, where they differ, as they were committed.

The patterns are detect-secrets', but for those that guess from how a text looks: hashes of the locks and golden bytes
look like secrets, too. Our own tokens are added.
"""

import re
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from ops.checks.finding import Finding
from ops.failure import Failure

#: What guesses.
_LEFT_OUT: Final = frozenset({"Base64HighEntropyString", "HexHighEntropyString", "IPPublicDetector", "KeywordDetector"})
#: Texts that examples have where a secret would be.
PLACEHOLDERS: Final = frozenset({"password", "PASSWORD", "pass%2Fword", "s3cret", "<made at the first start>"})
_OURS: Final = re.compile(r"\brt(?:k_live|r|l)_[A-Za-z0-9_=-]{40,}")
_UNREAD: Final = frozenset({".lock", ".png", ".svg", ".ico", ".jar"})


def find_secrets(root: Path) -> list[Finding]:
    """Where, and of what kind; never the secret. Raises `Failure` where there is no git."""
    found = [finding for name in _git(root, "ls-files", "-z") for finding in _in_file(root / name, name)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "committed")
        for name in _git(root, "diff", "--name-only", "-z", "--diff-filter=MD", "HEAD"):
            copy.write_bytes(_run(root, "show", f"HEAD:{name}"))
            found += _in_file(copy, f"{name}, as it was committed")
    return found


def _in_file(file: Path, shown: str) -> Iterator[Finding]:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class as all_plugins
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import transient_settings

    if file.suffix in _UNREAD or not file.is_file():
        return
    plugins: Collection[type] = all_plugins().values()
    names = [plugin.__name__ for plugin in plugins if plugin.__name__ not in _LEFT_OUT]
    with transient_settings({"plugins_used": [{"name": name} for name in names]}):
        for secret in scan_file(str(file)):
            if secret.secret_value not in PLACEHOLDERS:
                yield Finding(f"{shown}:{secret.line_number}", secret.type)
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), start=1):
        if _OURS.search(line):
            yield Finding(f"{shown}:{number}", "a token of ours")


def _git(root: Path, *arguments: str) -> list[str]:
    return [name for name in _run(root, *arguments).decode(errors="surrogateescape").split("\0") if name]


def _run(root: Path, *arguments: str) -> bytes:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    if done.returncode != 0:
        raise Failure(
            f"git does not say what it knows: {done.stderr.decode(errors='replace').strip()}", "Run it in a clone."
        )
    return done.stdout
