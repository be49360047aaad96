"""Judges whether a build is right before readers see it: while it is fed, by the means that judge the live one."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any

from ops.scheduler import own_commands
from ops.settings import Settings
from schemas.write_model import Unreachable, open_write_model
from sinks.builds import Build, Builds
from sinks.document_differences import DocumentDifference
from sinks.quality.suites import SUITES
from sinks.read_model import ReadModel
from sinks.rebuild import found_alike
from sinks.search.product_documents import MODEL as PRODUCT_SEARCH
from sinks.sink import Unavailable
from sinks.verify_model import DoesNotAdvance, Finding, Verifying


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one thing that is looked at; `found` says what, for people."""

    name: str
    holds: bool
    found: str

    def told(self) -> dict[str, Any]:
        return asdict(self)


def judge(settings: Settings, model: ReadModel, builds: Builds, build: Build) -> Iterator[Judgement]:
    """One after the other. `model` is that of the build, which is fed meanwhile."""
    size, freshness = builds.size(build), builds.freshness(build)
    yield Judgement("whole", freshness.state == "fresh", f"as of {freshness.as_of}, {size.documents} documents")
    if model.has_truth:
        yield _equals_tables(settings, model, builds.led().live)
    else:
        yield _has_as_many(builds, build, size.documents)
    if model.name == PRODUCT_SEARCH.name:
        yield _finds_alike(settings, model, builds.led().live, build)
    if any(suite.model.name == model.name for suite in SUITES):
        yield _is_sound(settings, f"{model.name}-{build}")


def _equals_tables(settings: Settings, model: ReadModel, live: Build | None) -> Judgement:
    """Every document of every tenant, field by field. What the log tells and the tables never had, or the other way
    round, is no fault of the build: the live one has it as well, and a rebuild cannot mend it.
    """
    name = "equals the tables"
    try:
        with open_write_model(settings.postgres_url) as truth, closing(model.published(settings)) as published:
            finding = Verifying(model, published, truth).full()
        known = [one for one in finding.differences if live is not None and _is_in(settings, model, live, one)]
    except (Unreachable, DoesNotAdvance, Unavailable) as stuck:
        return Judgement(name, holds=False, found=f"it could not be compared: {stuck}")
    own = [one for one in finding.differences if one not in known]
    return Judgement(name, not own, _in_words(finding, own, len(known)))


def _is_in(settings: Settings, model: ReadModel, live: Build, one: DocumentDifference) -> bool:
    """Whether what readers see has this one too much as well, or as little."""
    if one.kind not in ("missing", "extra"):
        return False
    with closing(_as_shown(model, live).published(settings)) as published:
        seen = published.some(one.collection, one.tenant_id, [one.id], one.part).get(one.id)
    is_shown = seen is not None and seen.document is not None
    return is_shown == (one.kind == "extra")


def _in_words(finding: Finding, own: Sequence[DocumentDifference], known: int) -> str:
    words = [f"{finding.checked} documents compared: {finding.counted}"]
    if known:
        words.append(f"{known} of them are so in what readers see as well: `rustok sinks verify` names them")
    return "; ".join([*words, *(f"{one.kind} {one.collection} {one.id}: {one.reason}" for one in own[:3])])


def _finds_alike(settings: Settings, model: ReadModel, live: Build | None, build: Build) -> Judgement:
    """What was mapped or analysed otherwise may answer otherwise, but it has to find what was found before."""
    name, shown = "finds what was found", live or build
    try:
        with closing(_as_shown(model, shown).published(settings)) as published:
            found = found_alike.compare(settings, published, shown, build)
    except Unavailable as stuck:
        return Judgement(name, holds=False, found=f"it could not be asked: {stuck}")
    return Judgement(name, found.holds, str(found))


def _as_shown(model: ReadModel, live: Build) -> ReadModel:
    return replace(model, version=live.version, build=live.number)


def _has_as_many(builds: Builds, build: Build, documents: int) -> Judgement:
    """Of what no table keeps, the log is all there is; what the live one has by now the other may get in a moment."""
    live = builds.led().live
    before = 0 if live is None or live == build else builds.size(live).documents
    by_now = builds.size(build).documents
    return Judgement(
        "has as many", by_now >= before, f"{by_now} documents, {before} in {live}; {documents} before that"
    )


def _is_sound(settings: Settings, build: str) -> Judgement:
    """By the expectations that the newest snapshots are checked by."""
    said = {"analytics_dir": settings.analytics_dir, "postgres_url": settings.postgres_url}
    ended = own_commands.run("sinks", "check", build, "--json", settings=said)
    if ended.code not in (0, 1) or not ended.document:
        return Judgement("sound", holds=False, found=f"it could not be checked: {ended.said}")
    (found,) = ended.document
    failed = [one["expectation"] for one in found["results"] if one["outcome"] == "failed"]
    words = f"{found['passed']} expectations hold, {len(failed)} failed"
    return Judgement("sound", not failed, ": ".join([words, *([", ".join(failed)] if failed else [])]))
