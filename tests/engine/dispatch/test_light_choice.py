"""The choice between torch, the light engine and what is built in."""

from dataclasses import replace

import pytest

from app.text.engines import sentence
from engine.dispatch import graphics_card
from engine.dispatch.choice import (
    AUTO,
    BUILTIN,
    LIGHT,
    LIGHT_LIBRARIES,
    LOCAL,
    SERVER,
    Available,
    Choice,
    EngineState,
    ServerOffer,
    choose,
    light_state,
    profile,
)
from engine.jobs.backend import Capability
from engine.models.families import PROFILES, Family
from engine.models.model_file import Installed
from tests.support.models_at_hand import device, installed, model

LIGHT_READY = EngineState(expects_card=False)
CARD = EngineState(device=device())
PROCESSOR = EngineState(device=device("cpu"))
NO_CARD = EngineState(expects_card=False)  # torch was not started yet
NO_TORCH = EngineState(trouble="absent")


def chosen(
    need: Capability,
    found: Installed,
    engine: EngineState,
    *,
    wanted: str = AUTO,
    light: EngineState = LIGHT_READY,
) -> Choice:
    return choose(need, Available(installed=found, engine=engine, light=light), wanted)


@pytest.mark.parametrize(
    ("families", "engine", "expected"),
    [
        ((Family.EDGETAM,), NO_TORCH, (LIGHT, Family.EDGETAM, "slow")),
        ((Family.EDGETAM, Family.SAM2), NO_TORCH, (LIGHT, Family.SAM2, "slow")),
        ((Family.EDGETAM, Family.SAM3), PROCESSOR, (LIGHT, Family.EDGETAM, "quick")),
        ((Family.EDGETAM, Family.SAM3), NO_CARD, (LIGHT, Family.EDGETAM, "quick")),
        ((Family.EDGETAM, Family.SAM3), CARD, (LOCAL, Family.SAM3, "")),
        ((Family.EDGETAM, Family.SAM31), PROCESSOR, (LIGHT, Family.EDGETAM, "quick")),
        ((Family.EDGETAM, Family.SAM3), NO_TORCH, (LIGHT, Family.EDGETAM, "slow")),
        ((Family.SAM2,), PROCESSOR, (LIGHT, Family.SAM2, "slow")),
        ((Family.SAM2,), CARD, (LOCAL, Family.SAM2, "")),
        ((Family.EDGETAM,), CARD, (LIGHT, Family.EDGETAM, "slow")),
        ((Family.SAM3,), PROCESSOR, (LOCAL, Family.SAM3, "slow")),
        ((), NO_TORCH, (BUILTIN, None, "missing")),
    ],
)
def test_a_click_is_answered_by_what_is_soonest_ready(
    families: tuple[Family, ...],
    engine: EngineState,
    expected: tuple[str, Family | None, str],
) -> None:
    found = chosen(Capability.CLICK, installed(*families), engine)
    assert (found.backend, found.model and found.model.family, found.reason) == expected
    assert chosen(Capability.BOX, installed(*families), engine) == found


def test_sam_3_answers_on_a_processor_when_it_is_asked_for() -> None:
    both = installed(Family.EDGETAM, Family.SAM3)
    asked = chosen(Capability.CLICK, both, PROCESSOR, wanted=LOCAL)
    assert (asked.backend, asked.reason) == (LOCAL, "slow")
    said = sentence(Capability.CLICK, chosen(Capability.CLICK, both, PROCESSOR))
    assert "SAM 3 would read each picture for minutes" in said


def test_sam_2_is_taken_before_edgetam_only_where_it_is_small() -> None:
    large = replace(model(Family.SAM2), size_bytes=898_000_000)
    small = replace(model(Family.SAM2, name="small"), size_bytes=184_000_000)
    edge = model(Family.EDGETAM)
    for models, best in (((large, edge), edge), ((large, edge, small), small), ((large,), large)):
        found = chosen(Capability.CLICK, Installed(models=models), NO_TORCH)
        assert found.model is best


@pytest.mark.parametrize(
    ("families", "engine", "expected"),
    [
        ((Family.LAMA, Family.MIGAN), CARD, (LOCAL, Family.LAMA, "")),
        ((Family.LAMA, Family.MIGAN), PROCESSOR, (LIGHT, Family.LAMA, "slow")),
        ((Family.LAMA, Family.MIGAN), NO_TORCH, (LIGHT, Family.LAMA, "slow")),
        ((Family.MIGAN,), NO_TORCH, (LIGHT, Family.MIGAN, "small")),
        ((Family.MIGAN, Family.MAT), PROCESSOR, (LOCAL, Family.MAT, "slow")),
        ((), NO_TORCH, (BUILTIN, None, "missing")),
    ],
)
def test_a_hole_is_filled_by_lama_wherever_it_runs_best(
    families: tuple[Family, ...],
    engine: EngineState,
    expected: tuple[str, Family | None, str],
) -> None:
    found = chosen(Capability.REMOVE, installed(*families), engine)
    assert (found.backend, found.model and found.model.family, found.reason) == expected
    assert profile(found) is (PROFILES[found.model.family] if found.model else None)  # type: ignore[index]


def test_what_needs_torch_says_so() -> None:
    found = installed(Family.EDGETAM, Family.LAMA, Family.SAM3, Family.SDXL)
    for need in (Capability.FIND, Capability.INPAINT):
        assert chosen(need, found, NO_TORCH) == Choice(backend="", reason="absent")


@pytest.mark.parametrize("trouble", ["absent", "broken"])
def test_without_onnxruntime_all_is_as_before(trouble: str) -> None:
    light = EngineState(trouble=trouble)
    every = installed(Family.EDGETAM, Family.LAMA)
    found = chosen(Capability.CLICK, every, NO_TORCH, light=light)
    assert (found.backend, found.reason) == (BUILTIN, trouble)
    assert chosen(Capability.REMOVE, every, PROCESSOR, light=light).backend == LOCAL


def test_a_model_that_computes_wrongly_leaves_the_work_to_the_next() -> None:
    lama = replace(model(Family.LAMA), wrong_on=("light",))
    migan = model(Family.MIGAN)
    both = Installed(models=(lama, migan))
    assert chosen(Capability.REMOVE, both, NO_TORCH).model is migan
    assert chosen(Capability.REMOVE, both, PROCESSOR).backend == LOCAL
    alone = chosen(Capability.REMOVE, Installed(models=(lama,)), NO_TORCH)
    assert (alone.backend, alone.reason) == (BUILTIN, "unusable")
    assert "computes wrongly on this computer" in sentence(Capability.REMOVE, alone)


def test_a_server_with_a_card_fills_before_a_processor_does() -> None:
    servers = ServerOffer(
        capabilities=frozenset(Capability), stock=installed(Family.LAMA, Family.SAM3)
    )
    available = Available(
        installed=installed(Family.LAMA, Family.EDGETAM),
        engine=NO_TORCH,
        light=LIGHT_READY,
        servers=servers,
    )
    assert choose(Capability.REMOVE, available).backend == SERVER
    assert choose(Capability.CLICK, available).backend == LIGHT
    slow = replace(available, servers=replace(servers, is_slow=True))
    assert choose(Capability.REMOVE, slow).backend == LIGHT


def test_the_runtime_is_looked_for_by_name_alone() -> None:
    asked: list[str] = []
    assert light_state(lambda name: asked.append(name) or True).trouble == ""
    assert tuple(asked) == LIGHT_LIBRARIES
    assert light_state(lambda _: None).trouble == "absent"


def test_a_build_of_torch_for_processors_finds_no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphics_card, "torch_build", lambda: "2.9.0+cpu")
    assert not graphics_card.may_be_there()
