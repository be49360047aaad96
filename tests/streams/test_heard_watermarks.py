"""A watermark is believed when it is signed, and an old one never hides a gap."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from ops import metrics
from ops.failure import Failure
from ops.settings import Settings
from streams.heard_watermarks import HeardWatermarks
from streams.watermark_signature import HEADER, WatermarkSignature

OURS = WatermarkSignature("a key for tests, long enough to sign")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GAP = {"kind": "slot", "topics": [], "detail": "dropped", "opened_at": "2026-03-01T12:00:00+00:00"}


@dataclass
class Record:
    value: bytes | None
    key: bytes | None = b"rustok"
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)


def value_at(moment: datetime, *gaps: dict[str, object], lsn: str = "0/10") -> bytes:
    captured = moment.isoformat()
    said = {"as_of": None if gaps else captured, "captured": captured, "lsn": lsn, "gaps": gaps, "topics": {}}
    return json.dumps(said).encode()


def signed(value: bytes, signature: WatermarkSignature = OURS) -> Record:
    return Record(value, headers=[signature.header(b"rustok", value)])


def heard() -> HeardWatermarks:
    return HeardWatermarks("sales-v1", OURS)


def test_a_signed_one_is_believed() -> None:
    said = heard().hear([signed(value_at(NOON))])

    assert said is not None
    assert said.captured == NOON


@pytest.mark.parametrize(
    "forged",
    [
        Record(value_at(NOON)),
        signed(value_at(NOON), WatermarkSignature("a key that somebody else has made up")),
        Record(value_at(NOON), headers=signed(value_at(NOON - timedelta(hours=1))).headers),
        Record(value_at(NOON), key=b"another slot", headers=signed(value_at(NOON)).headers),
        Record(value_at(NOON), key=None, headers=signed(value_at(NOON)).headers),
        Record(value_at(NOON), headers=[(HEADER, None)]),
        Record(value_at(NOON), headers=[(HEADER, b"")]),
        Record(None),
    ],
)
def test_what_is_not_signed_by_capture_is_counted_and_says_nothing(forged: Record) -> None:
    before = metrics.FEED_WATERMARKS_REFUSED.labels("sales-v1")._value.get()  # noqa: SLF001  # nothing public reads it

    assert heard().hear([forged]) is None

    after = metrics.FEED_WATERMARKS_REFUSED.labels("sales-v1")._value.get()  # noqa: SLF001  # nothing public reads it
    assert after == before + 1


def test_the_last_of_several_counts_and_rubbish_between_them_does_not() -> None:
    later = NOON + timedelta(seconds=1)

    said = heard().hear([signed(value_at(NOON)), signed(value_at(later)), signed(b"[]"), Record(b"\xff")])

    assert said is not None
    assert said.captured == later


def test_an_old_one_that_is_sent_again_does_not_take_a_gap_away() -> None:
    ears = heard()
    old = signed(value_at(NOON))
    ears.hear([old, signed(value_at(NOON + timedelta(seconds=1), GAP))])

    assert ears.hear([old]) is None


def test_a_gap_is_heard_though_the_clock_of_who_tells_it_is_behind() -> None:
    ears = heard()
    ears.hear([signed(value_at(NOON))])

    said = ears.hear([signed(value_at(NOON - timedelta(seconds=5), GAP))])

    assert said is not None
    assert said.gaps


def test_one_that_speaks_of_more_log_counts_whatever_time_it_says() -> None:
    """The clock of PostgreSQL was set back."""
    ears = heard()
    ears.hear([signed(value_at(NOON, lsn="0/FFFFFFFF"))])
    hour_ago = NOON - timedelta(hours=1)

    back = ears.hear([signed(value_at(hour_ago, lsn="1/0"))])
    again = ears.hear([signed(value_at(hour_ago - timedelta(seconds=1), lsn="0/FFFFFFFF"))])
    on = ears.hear([signed(value_at(hour_ago + timedelta(seconds=1), lsn="1/0"))])

    assert back is not None
    assert back.captured == hour_ago
    assert again is None
    assert on is not None


def test_a_process_without_a_good_key_says_which_setting_it_lacks() -> None:
    with pytest.raises(Failure, match="no good key for watermarks") as failure:
        WatermarkSignature.of(Settings(watermark_key="short"))

    assert "RUSTOK_WATERMARK_KEY" in failure.value.remedy
