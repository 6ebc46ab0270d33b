from dataclasses import replace

import pytest

from engine.comfy.errors import ServerUnreachable
from engine.dispatch.choice import (
    AUTO,
    BUILTIN,
    LIBRARIES,
    LIGHT,
    LOCAL,
    SERVER,
    Available,
    Choice,
    EngineState,
    ServerOffer,
    at_hand,
    libraries,
    trouble,
)
from engine.dispatch.choice import choose as choose_of
from engine.errors import EngineError, EngineMissing, ModelMissing, ServerMissing
from engine.jobs.backend import Capability
from engine.models.families import Family, Kind
from engine.models.model_file import Installed
from tests.support.models_at_hand import device, installed, model

READY = EngineState(device=device())
ALL = (Family.LAMA, Family.SAM2, Family.SAM3, Family.SDXL, Family.SD15_INPAINT)
BUILT_IN = (Capability.CLICK, Capability.BOX, Capability.SUBJECT, Capability.REMOVE)


def choose(need: Capability, found: Installed, state: EngineState, wanted: str) -> Choice:
    return choose_of(need, Available(installed=found, engine=state), wanted)


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


@pytest.mark.parametrize("need", [Capability.CLICK, Capability.BOX, Capability.FIND])
def test_sam_3_1_goes_before_sam_3(need: Capability) -> None:
    both = installed(Family.SAM2, Family.SAM3, Family.SAM31)
    assert family(choose(need, both, READY, AUTO)) is Family.SAM31
    assert (both.selector, both.finder) == (model(Family.SAM31), model(Family.SAM31))


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
    found = Installed(models=(model(Family.SAM3, "keys"), model(Family.LAMA, "pickle")))
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


def there(*families: Family, is_slow: bool = False) -> ServerOffer:
    models = tuple(replace(model(each), place="server") for each in families)
    return ServerOffer(
        capabilities=frozenset(Capability), stock=Installed(models=models), is_slow=is_slow
    )


SLOW = EngineState(device=device("cpu"))


@pytest.mark.parametrize(
    ("found", "state", "servers", "wanted", "expected"),
    [
        ((Family.SDXL,), READY, there(Family.SDXL), AUTO, (LOCAL, "")),
        ((), READY, there(Family.SDXL), AUTO, (SERVER, "")),
        ((), READY, there(Family.SDXL, is_slow=True), AUTO, (SERVER, "slow")),
        ((Family.SDXL,), SLOW, there(Family.SDXL), AUTO, (SERVER, "")),
        ((Family.SDXL,), SLOW, there(Family.SDXL, is_slow=True), AUTO, (LOCAL, "slow")),
        ((Family.SDXL,), EngineState(trouble="absent"), there(Family.SDXL), AUTO, (SERVER, "")),
        ((Family.SDXL,), READY, there(Family.SDXL), SERVER, (SERVER, "")),
        ((Family.SDXL,), READY, ServerOffer(), SERVER, ("", "no_server")),
        ((), READY, there(Family.SDXL), LOCAL, ("", "missing")),
    ],
)
def test_a_card_is_better_than_a_processor_and_here_better_than_there(
    found: tuple[Family, ...],
    state: EngineState,
    servers: ServerOffer,
    wanted: str,
    expected: tuple[str, str],
) -> None:
    available = Available(installed=installed(*found), engine=state, servers=servers)
    chosen = choose_of(Capability.INPAINT, available, wanted)
    assert (chosen.backend, chosen.reason) == expected


def test_a_click_goes_to_a_server_only_when_that_is_asked() -> None:
    available = Available(servers=there(Family.SAM3, Family.LAMA))
    assert choose_of(Capability.CLICK, available).backend == BUILTIN
    assert choose_of(Capability.CLICK, available, SERVER).backend == SERVER
    assert choose_of(Capability.FIND, available).backend == SERVER
    assert choose_of(Capability.REMOVE, available).backend == SERVER


def test_a_checkpoint_is_taken_where_it_lies() -> None:
    here, far = model(Family.SD15, name="here"), model(Family.SDXL, name="far")
    stock = Installed(models=(replace(far, place="server"),))
    servers = ServerOffer(capabilities=frozenset(Capability), stock=stock)
    available = Available(installed=Installed(models=(here,)), engine=READY, servers=servers)
    assert choose_of(Capability.INPAINT, available, AUTO, "here").backend == LOCAL
    assert choose_of(Capability.INPAINT, available, AUTO, "far").backend == SERVER
    assert choose_of(Capability.INPAINT, available, LOCAL, "far").backend == ""
    assert choose_of(Capability.INPAINT, available, AUTO, "none").backend == ""
    names = [m.name for m in at_hand(available).of(Kind.CHECKPOINT)]
    assert names == ["here", "far"]
    assert at_hand(available, SERVER).models == stock.models
    assert at_hand(available, LOCAL).models == (here,)


def test_a_server_that_cannot_says_why() -> None:
    need = Capability.INPAINT
    down = ServerUnreachable("desk", "refused")
    servers = ServerOffer(troubles={need: down})
    chosen = choose_of(need, Available(servers=servers), SERVER)
    assert chosen.reason == "server"
    assert trouble(need, chosen, servers) is down
    nobody = choose_of(need, Available(), SERVER)
    assert isinstance(trouble(need, nobody), ServerMissing)


def test_a_server_that_lacks_the_model_is_there_all_the_same() -> None:
    """Nobody is told to add a server who has one."""
    servers = ServerOffer(
        capabilities=frozenset({Capability.INPAINT}), stock=installed(Family.SDXL)
    )
    chosen = choose_of(
        Capability.INPAINT, Available(servers=servers), SERVER, "elsewhere.safetensors"
    )
    assert (chosen.backend, chosen.reason) == ("", "missing")
    assert isinstance(trouble(Capability.INPAINT, chosen, servers), ModelMissing)


def test_who_has_a_server_hears_what_is_wrong_with_it() -> None:
    need, down = Capability.INPAINT, ServerUnreachable("desk", "refused")
    servers = ServerOffer(troubles={need: down, Capability.REMOVE: down})
    nothing_here = Available(engine=EngineState(trouble="absent"), servers=servers)
    assert choose_of(need, nothing_here).reason == "server"
    assert trouble(need, choose_of(need, nothing_here), servers) is down
    assert choose_of(Capability.REMOVE, nothing_here).backend == BUILTIN
    here = Available(installed=installed(Family.SDXL), engine=READY, servers=servers)
    assert choose_of(need, here).backend == LOCAL


def test_the_subject_is_seen_by_the_light_engine_alone() -> None:
    light = EngineState(expects_card=False)

    def chosen(*families: Family, state: EngineState = light) -> Choice:
        found = Available(installed=installed(*families), engine=READY, light=state)
        return choose_of(Capability.SUBJECT, found)

    both = chosen(Family.U2NETP, Family.ISNET, Family.SAM3)
    assert (both.backend, family(both), both.reason) == (LIGHT, Family.ISNET, "")
    small = chosen(Family.U2NETP)
    assert (small.backend, family(small), small.reason) == (LIGHT, Family.U2NETP, "small")
    assert chosen(Family.SAM3).reason == "missing"
    without = chosen(Family.U2NETP, state=EngineState(trouble="absent"))
    assert without.backend == BUILTIN
