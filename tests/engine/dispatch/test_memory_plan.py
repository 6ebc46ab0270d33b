"""The plan before a painting: it fits, or it is refused before anything is loaded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dispatch.memory_plan import RESERVE_MB, MemoryPlan, Placement, bytes_of, plan
from engine.errors import DeviceTooSmall
from engine.jobs.operations import Device
from engine.models.families import Family

PAINTERS = [family for family in Family if family.base in ("sd15", "sd21", "sdxl", "flux")]


def card(free_mb: int) -> Device:
    return Device(kind="cuda", name="card", total_mb=free_mb, free_mb=free_mb, torch="2")


def processor(free_mb: int) -> Device:
    return Device(kind="cpu", name="cpu", total_mb=free_mb, free_mb=free_mb, torch="2")


@given(
    st.sampled_from(PAINTERS),
    st.sampled_from(["fp32", "bf16", "fp8", "nf4", "gguf-q4_k"]),
    st.integers(64 * 64, 4_000_000),
    st.integers(0, 100_000),
)
def test_a_plan_never_needs_more_than_there_is(
    family: Family, precision: str, pixels: int, free_mb: int
) -> None:
    try:
        needed_mb = plan(family, precision, pixels, card(free_mb)).needed_mb
    except DeviceTooSmall as error:
        refused, needed_mb = error, 0
    else:
        refused = None
    assert needed_mb <= max(0, free_mb - RESERVE_MB)
    assert refused is None or (refused.needed_mb > refused.free_mb and "server" in refused.options)


@given(st.sampled_from(PAINTERS), st.integers(2_000, 90_000))
def test_more_memory_never_gives_a_slower_placement(family: Family, free_mb: int) -> None:
    order = [Placement.ALL, Placement.OFFLOAD, Placement.GROUP]

    def rank(free: int) -> int:
        try:
            return order.index(plan(family, "bf16", 2**20, card(free)).placement)
        except DeviceTooSmall:
            return len(order)

    assert rank(free_mb + 4000) <= rank(free_mb)


@pytest.mark.parametrize(
    ("family", "precision", "card_mb", "placement"),
    [
        (Family.SD15, "fp16", 8_000, Placement.ALL),
        (Family.SDXL, "bf16", 24_000, Placement.ALL),
        (Family.SDXL, "bf16", 10_000, Placement.OFFLOAD),
        (Family.FLUX_FILL, "bf16", 80_000, Placement.ALL),
        (Family.FLUX_FILL, "bf16", 12_000, Placement.GROUP),
        (Family.FLUX_FILL, "gguf-q4_k", 16_000, Placement.OFFLOAD),
    ],
)
def test_cards_of_users(family: Family, precision: str, card_mb: int, placement: Placement) -> None:
    assert plan(family, precision, 2**20, card(card_mb)).placement is placement


def test_flux_on_a_processor_is_refused_unless_wanted() -> None:
    with pytest.raises(DeviceTooSmall):
        plan(Family.FLUX_DEV, "fp32", 2**20, processor(200_000))
    found = plan(Family.FLUX_DEV, "fp32", 2**20, processor(200_000), allow_slow=True)
    assert "slow_cpu" in found.notes


def test_the_one_retry_is_smaller_in_every_respect() -> None:
    first = plan(Family.SDXL, "bf16", 2**20, card(24_000))
    second = first.smaller()
    assert (second.placement, second.tiling, second.batched) == (Placement.OFFLOAD, True, False)
    assert isinstance(second.smaller(), MemoryPlan)
    assert second.smaller().placement is Placement.GROUP


def test_quantised_weights_are_smaller() -> None:
    sizes = [bytes_of(each) for each in ("nf4", "gguf-q4_k", "gguf-q8_0", "bf16", "fp32")]
    assert sizes == sorted(sizes)
