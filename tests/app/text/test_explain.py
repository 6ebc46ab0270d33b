import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.text import notes
from app.text.errors import downloads as explain_downloads
from app.text.errors import explain
from app.text.errors import models as explain_models
from engine import errors
from engine.comfy import errors as comfy
from engine.dispatch import memory_plan as memory
from engine.image_io import reader as reading
from engine.jobs.backend import Capability
from engine.models.families import Family, Kind

GROUPS = {  # never raised themselves
    errors.EngineError,
    errors.FileError,
    errors.ModelError,
    errors.DownloadError,
    comfy.ServerError,
    comfy.WorkflowError,
}

EXAMPLES: dict[type, tuple[object, ...]] = {
    errors.ImageUnreadable: (Path("a.png"), "damaged"),
    errors.ImageTooLarge: (Path("a.png"), "pixels", 10, 5),
    errors.ImageUnwritable: (Path("a.png"), "permission"),
    errors.MaskInvalid: (Path("m.png"), "size", "40 x 30", "80 x 60"),
    errors.DiskFull: (Path("a.png"), 30, 7),
    errors.ProjectUnreadable: (Path("a.lacuna"), "zip"),
    errors.ProjectTooLarge: (Path("a.lacuna"), "members", 120_000, 100_000, True),
    errors.JournalUnwritable: (Path("j"), "full"),
    errors.NothingSelected: (),
    errors.NothingFound: (),
    errors.NoSubject: (),
    errors.PlaceOutside: ("500, 150", "400 x 300"),
    errors.HoleTooLarge: (0.93,),
    errors.CapabilityMissing: ("builtin", "box"),
    errors.RecipeInvalid: ("step 2", "unknown verb"),
    errors.PresetInvalid: ("a.json", "range", "steps"),
    errors.BackendStopped: ("builtin", "gone"),
    errors.OutOfMemory: (900, 100),
    errors.Bug: ("KeyError: 1", "Traceback"),
    errors.EngineMissing: ("absent",),
    errors.ModelMissing: ("checkpoint", "dream.safetensors"),
    errors.ModelUnreadable: (Path("m.safetensors"), "keys"),
    errors.ModelUnsafe: (Path("m.ckpt"), "pickle"),
    errors.ModelWrongFamily: (Path("m.safetensors"), "sdxl", "sd15"),
    errors.ModelCorrupt: (Path("m.safetensors"), "a" * 64, "b" * 64),
    errors.ModelWrong: (Path("m.safetensors"), "click"),
    errors.LoraMisfit: (Path("l.safetensors"), "family", "sdxl", "flux"),
    errors.DeviceTooSmall: (24_000, 8_000, ("quantised", "server")),
    errors.Offline: ("hub.example",),
    errors.Gated: ("maker/model", 403, "https://hub.example/maker/model"),
    errors.RemoteMissing: ("https://hub.example/maker/model/m.safetensors",),
    errors.RemoteBroken: ("https://hub.example/m.safetensors", "size", "10", "11"),
    errors.ServerMissing: ("find",),
    comfy.ServerAddress: ("ftp://box", "scheme"),
    comfy.ServerUnreachable: ("box", "refused"),
    comfy.ServerCertificate: ("box", "unknown", "aa:bb"),
    comfy.ServerDenied: ("box", 401),
    comfy.ServerTooLarge: ("box", 120.0, 100.0),
    comfy.ServerLacks: ("box", "find", (comfy.Lack("pack", "ComfyUI-SAM3", "hub.example/sam3"),)),
    comfy.ServerRefused: ("box", "KSampler", "no such sampler", "value_not_in_list"),
    comfy.ServerFailed: ("box", "VAEDecode", "out of memory", "memory"),
    comfy.ServerStopped: ("box",),
    comfy.ServerLost: ("box",),
    comfy.ServerBroken: ("box", "truncated", "10 of 20 bytes"),
    comfy.WorkflowUnreadable: (Path("w.json"), "widgets", "KSampler"),
    comfy.WorkflowUnsupported: (Path("w.json"), (comfy.Unsupported("3", "Odd", "My node"),)),
    comfy.WorkflowSetting: ("KSampler.seed=x", "value", ("0", "9")),
    comfy.WorkflowIncomplete: (
        Path("w.json"),
        (comfy.Absent("4", "Load Checkpoint", "ckpt_name", "x.safetensors", "checkpoints"),),
    ),
}


def family(kind: type) -> Iterator[type]:
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


def test_every_error_has_words() -> None:
    kinds = {kind for kind in family(errors.EngineError) if kind.__module__.startswith("engine")}
    assert kinds - GROUPS == set(explain.WORDS)


@pytest.mark.parametrize("kind", sorted(EXAMPLES, key=str), ids=lambda kind: kind.__name__)
def test_each_ends_with_what_to_do_next(kind: type) -> None:
    message = explain.explain(kind(*EXAMPLES[kind]))
    assert message.title.endswith(".")
    assert message.next_step.endswith(".")
    assert message.sentence.endswith(message.next_step)
    assert "{" not in message.sentence


def test_the_examples_are_complete() -> None:
    assert set(EXAMPLES) == set(explain.WORDS)


@pytest.mark.parametrize("reason", ["format", "access", "damaged"])
def test_reasons_differ(reason: str) -> None:
    texts = {
        explain.explain(errors.ImageUnreadable(Path("x.png"), other)).text
        for other in ("format", "access", "damaged")
    }
    assert len(texts) == 3
    assert "x.png" in explain.explain(errors.ImageUnreadable(Path("x.png"), reason)).title


@pytest.mark.parametrize(
    ("kind", "reasons"),
    [
        (
            errors.ProjectUnreadable,
            ["missing", "permission", "newer", "damaged", "changed", "busy"],
        ),
        (errors.JournalUnwritable, ["full", "memory", "permission"]),
        (
            errors.ImageUnwritable,
            ["permission", "read-only", "folder", "name", "format", "size", "no-alpha", "encoder"],
        ),
        (errors.ModelUnreadable, ["format", "damaged", "keys", "missing"]),
        (errors.ModelUnsafe, ["pickle", "bomb", "torchscript", "header", "limit", "new"]),
        (errors.LoraMisfit, ["family", "keys", "kind", "damaged"]),
        (errors.RemoteBroken, ["size", "checksum", "redirect", "status", "stalled", "new"]),
    ],
)
def test_every_reason_has_words_of_its_own(kind: type, reasons: list[str]) -> None:
    where = "https://x/y" if issubclass(kind, errors.DownloadError) else Path("x")
    texts = {explain.explain(kind(where, reason)).text for reason in reasons}
    assert len(texts) == len(reasons)


def test_what_the_system_killed_is_called_a_matter_of_memory() -> None:
    killed = explain.explain(errors.BackendStopped("local", "killed"))
    assert "memory" in killed.text
    assert "memory" not in explain.explain(errors.BackendStopped("local", "crash")).text


def test_no_code_is_left_without_words() -> None:
    """The codes that the docstrings of engine/errors.py name, and those of other enums."""
    needs = {explain.explain(errors.ModelMissing(kind.value)).title for kind in Kind}
    assert len(needs) == len(Kind)
    tasks = {explain.explain(errors.CapabilityMissing("x", c.value)).text for c in Capability}
    assert len(tasks) == len(Capability)
    assert {family.value for family in Family} <= set(explain_models.NAMES)
    assert {family.base for family in Family} <= set(explain_models.NAMES)
    options = ("smaller", "quantised", "server", "free")
    steps = {explain.explain(errors.DeviceTooSmall(2, 1, (o,))).next_step for o in options}
    assert len(steps) == len(options)


def test_a_licence_page_is_one_click_away() -> None:
    page = "https://hub.example/maker/model"
    for status in (401, 403):
        found = explain.explain(errors.Gated("maker/model", status, page))
        assert found.actions[0].id == explain_downloads.PAGE + page
        assert found.actions[1].id == "tool.models"
    asked = explain.explain(errors.Gated("maker/model", 401, page))
    assert "token" in asked.next_step
    assert "token" not in explain.explain(errors.Gated("maker/model", 403, page)).next_step


def test_sizes_and_checksums_are_named() -> None:
    text = explain.explain(errors.RemoteBroken("https://x/y", "size", "10", "11")).text
    assert "10" in text
    assert "11" in text
    text = explain.explain(errors.ModelCorrupt(Path("x"), "a" * 64, "b" * 64)).text
    assert "aaaa" in text
    assert "bbbb" in text
    assert "24000" in explain.explain(errors.DeviceTooSmall(24_000, 8_000)).text


def test_a_recipe_says_where(tmp_path: Path) -> None:
    found = explain.explain(errors.RecipeInvalid("step 2", "is no step; allowed: select"))
    assert found.text == "Step 2: is no step; allowed: select."
    assert explain.explain(errors.RecipeInvalid("", "takes 2 values")).text == "Takes 2 values."


def test_a_file_name_cannot_turn_the_text_round() -> None:
    message = explain.explain(errors.ImageUnwritable(Path("a\u202eb\n.png"), "name"))
    assert "a\ufffdb\ufffd.png" in message.title


def test_a_bug_is_called_one() -> None:
    message = explain.explain(KeyError("x"))
    assert [action.id for action in message.actions] == ["help.diagnostics", "help.logs"]


def test_a_picture_without_a_path_has_a_name() -> None:
    assert "the picture" in explain.explain(errors.ImageUnreadable(None, "damaged")).title


def test_notes_have_words() -> None:
    codes = (reading.__doc__ or "").split("carry:")[1]
    listed = set(re.findall(r"[a-z]+(?:-[a-z]+)+", codes))
    assert len(listed) >= 8
    assert listed <= notes.known()
    assert all(notes.note(code).endswith(".") for code in listed)
    assert notes.note("new\u202ecode") == "new\ufffdcode"


def test_what_planning_and_painting_leave_behind_has_words() -> None:
    """Every code in the sources of the engine that is a note."""
    source = (Path(memory.__file__)).read_text(encoding="utf-8")
    codes = set(re.findall(r'"([a-z]+(?:_[a-z]+)+|offloaded|smaller)"', source))
    assert {"offloaded", "layer_by_layer", "slow_cpu"} <= codes & notes.known()


def test_progress_is_told_in_words_or_not_at_all() -> None:
    assert notes.progress("load") == "Loading the model"
    assert notes.progress("step 3") == ""


def test_the_words_need_no_qt() -> None:
    program = (
        "import sys; from app.text.errors.explain import explain;"
        "from engine.errors import NothingSelected;"
        "print(explain(NothingSelected()).title); assert 'PySide6' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        check=False,
    )
    assert done.stdout.strip() == "Nothing is selected.", done.stderr
