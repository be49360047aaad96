import json

import pytest

from ops.settings import Settings
from tests.support.stack import Stack

pytestmark = pytest.mark.servers


def test_reads_are_measured_beside_a_fixed_answer(servers: Stack, settings: Settings) -> None:
    said = servers.rustok("bench", "registry", "--seconds", "0.5", "--connections", "2", "--json").stdout

    figures = json.loads(said.splitlines()[-1])
    assert set(figures) == {"reads_per_s", "reads_p50_ms", "reads_p99_ms", "latest_per_s", "latest_p99_ms"}
    assert figures["reads_per_s"]["ours"] > 0
    assert figures["reads_per_s"]["ratio"] > figures["latest_per_s"]["ratio"]
