import pytest

from engine.backend import Capability
from engine.choice import (
    AUTO,
    BUILTIN,
    LIBRARIES,
    LOCAL,
    Choice,
    EngineState,
    choose,
    libraries,
    trouble,
)
from engine.errors import EngineError, EngineMissing, ModelMissing
from engine.families import Family
from engine.models import Installed
from tests.models_at_hand import device, installed, model

READY = EngineState(device=device())
ALL = (Family.LAMA, Family.SAM2, Family.SAM3, Family.SDXL, Family.SD15_INPAINT)
BUILT_IN = (Capability.CLICK, Capability.BOX, Capability.REMOVE)


def family(choice: Choice) -> Family | None:
    return choice.model.family if choice.model else None


@pytest.mark.parametrize(
    ("need", "best"),
    [
        (Capability.CLICK, Family.SAM3),
        (Capability.BOX, Family.SAM3),
        (Capability.FIND, Family.SAM3),
        (Capability.REMOVE, Family.LAMA),
        (Capability.INPAINT, Family.SD15_INPAINT),
    ],
)
def test_auto_takes_the_best_model(need: Capability, best: Family) -> None:
    found = choose(need, installed(*ALL), READY, AUTO)
    assert (found.backend, family(found), found.reason) == (LOCAL, best, "")


def test_sam2_answers_clicks_but_finds_nothing() -> None:
    only = installed(Family.SAM2)
    assert family(choose(Capability.CLICK, only, READY, AUTO)) is Family.SAM2
    assert choose(Capability.FIND, only, READY, AUTO) == Choice(backend="", reason="missing")


@pytest.mark.parametrize("need", list(Capability))
@pytest.mark.parametrize(
    ("models", "state", "reason"),
    [
        ((), READY, "missing"),
        (ALL, EngineState(trouble="absent"), "absent"),
        (ALL, EngineState(trouble="broken"), "broken"),
        ((), EngineState(trouble="absent"), "absent"),
    ],
)
def test_what_is_built_in_stands_in_and_the_reason_is_said(
    need: Capability, models: tuple[Family, ...], state: EngineState, reason: str
) -> None:
    found = choose(need, installed(*models), state, AUTO)
    assert found.backend == (BUILTIN if need in BUILT_IN else "")
    assert found.reason == reason
    strict = choose(need, installed(*models), state, LOCAL)
    assert (strict.backend, strict.reason) == ("", reason)


@pytest.mark.parametrize("need", list(Capability))
def test_who_wants_the_built_in_gets_it_where_there_is_one(need: Capability) -> None:
    found = choose(need, installed(*ALL), READY, BUILTIN)
    expected = (BUILTIN, "asked") if need in BUILT_IN else (LOCAL, "")
    assert (found.backend, found.reason) == expected


def test_a_model_with_a_problem_is_named() -> None:
    found = Installed(models=(model(Family.SAM3, "sam31"), model(Family.LAMA, "pickle")))
    click = choose(Capability.CLICK, found, READY, AUTO)
    assert (click.backend, click.reason, family(click)) == (BUILTIN, "unusable", Family.SAM3)
    remove = choose(Capability.REMOVE, found, READY, AUTO)
    assert (remove.backend, family(remove)) == (BUILTIN, Family.LAMA)
    assert choose(Capability.INPAINT, found, READY, AUTO).reason == "missing"


def test_a_processor_is_slow_and_paints_with_the_small_models() -> None:
    slow = EngineState(device=device("cpu"))
    models = installed(Family.SDXL_INPAINT, Family.SD15)
    assert family(choose(Capability.INPAINT, models, READY, AUTO)) is Family.SDXL_INPAINT
    found = choose(Capability.INPAINT, models, slow, AUTO)
    assert (family(found), found.reason) == (Family.SD15, "slow")
    only_large = choose(Capability.INPAINT, installed(Family.FLUX_FILL), slow, AUTO)
    assert family(only_large) is Family.FLUX_FILL
    assert choose(Capability.REMOVE, installed(Family.LAMA), slow, AUTO).reason == "slow"


@pytest.mark.parametrize(
    ("state", "kind"),
    [(READY, ModelMissing), (EngineState(trouble="broken"), EngineMissing)],
)
def test_trouble_is_an_error_with_words(state: EngineState, kind: type[EngineError]) -> None:
    for need in (Capability.FIND, Capability.INPAINT):
        assert isinstance(trouble(need, choose(need, Installed(), state, AUTO)), kind)


def test_libraries_are_looked_for_by_name_alone() -> None:
    asked: list[str] = []
    assert libraries(lambda name: asked.append(name) or True) == ""
    assert tuple(asked) == LIBRARIES
    assert libraries(lambda name: None if name == "torch" else True) == "absent"
