"""The seeded faults of tests/bench can still be planted."""

from pathlib import Path

import pytest

from tests.bench.seeded_fault_list import FAULTS, Fault
from tests.bench.seeded_faults import planted

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_a_fault_has_its_place_in_the_code_and_its_tests(fault: Fault) -> None:
    text = (ROOT / fault.file).read_text(encoding="utf-8")
    assert planted(text, fault) != text
    paths = [word for word in fault.tests.split() if word.startswith("tests/")]
    assert paths
    assert all((ROOT / path).exists() for path in paths)
