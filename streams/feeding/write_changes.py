"""Writes the changes of a batch into the store; what the store refuses is reported, and what it superseded written.

A transactional store gets everything at once, to keep both or neither, and the positions also when there is nothing
else; any other takes two parts at a time while the next is being folded, and then the positions.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from sinks.sink import Positions, Sink, StoreRefusal, Unavailable
from streams.feeding.decode_record import RecordDecoder
from streams.feeding.fold_records import Folded, Outcomes, RecordFolder
from streams.feeding.newest_of_each_aggregate import Group
from streams.feeding.report_outcomes import OutcomeReport

#: Records that are folded while a store takes those before.
_PART: Final = 500
REFUSED_BY_STORE: Final = "RefusedByStore"


class ChangeWriter:
    def __init__(self, sink: Sink, folder: RecordFolder, decoder: RecordDecoder, report: OutcomeReport) -> None:
        self._sink = sink
        self._folder = folder
        self._decoder = decoder
        self._report = report

    def write(self, groups: Sequence[Group], positions: Positions) -> list[Folded]:
        """The newest of each group that can be folded and that the store takes; gives those. Raises `Unavailable`."""
        written: list[Folded] = []
        while True:
            folded, refusals = self._write_newest(groups, positions)
            if not refusals:
                if not self._sink.is_transactional:
                    self._sink.write([], positions)
                return written + folded
            # What is refused is reported before the positions move, and those it had superseded get their chance.
            reasons = {id(refusal.change): refusal.reason for refusal in refusals}
            refused = [each for each in folded if id(each.change) in reasons]
            self._report.looked_at(
                [self._decoder.unusable(each.record, REFUSED_BY_STORE, reasons[id(each.change)]) for each in refused]
            )
            written += [each for each in folded if id(each.change) not in reasons]
            groups = [each.superseded for each in refused if each.superseded]

    def _write_newest(self, groups: Sequence[Group], positions: Positions) -> tuple[list[Folded], list[StoreRefusal]]:
        folded: list[Folded] = []
        writing: list[Future[Sequence[StoreRefusal]]] = []
        together = positions if self._sink.is_transactional else {}
        with ThreadPoolExecutor(2) as writer:  # leaving it waits: nothing is written after this returned or raised
            for outcomes in self._parts(groups):
                self._report.looked_at(outcomes)
                part = [outcome for outcome in outcomes if isinstance(outcome, Folded)]
                writing.append(writer.submit(self._sink.write, [each.change for each in part], together))
                folded += part
        try:
            return folded, [refusal for done in writing for refusal in done.result()]
        except Unavailable as away:
            raise _with_place(away, folded) from away

    def _parts(self, groups: Sequence[Group]) -> Iterator[Outcomes]:
        if not self._sink.is_transactional:
            return self._folder.fold_parts(groups, _PART)
        return self._folder.fold_parts(groups, len(groups)) if groups else iter([[]])


def _with_place(away: Unavailable, folded: Sequence[Folded]) -> Unavailable:
    """Names the record that a store stumbled over: an operator may have to pass over it."""
    record = next((each.record for each in folded if each.change is away.about), None)
    if record is not None:
        away.what = f"{away.what} (writing {record.topic}/{record.partition}/{record.offset})"
    return away
