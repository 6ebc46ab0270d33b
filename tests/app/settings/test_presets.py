"""Presets of the Paint panel: kept, shared, and read as what anybody may have written."""

import json
from pathlib import Path
from typing import Any

import pytest

from app import paths
from app.settings import paint_presets as presets
from app.settings.paint_choices import PaintChoices, changed_family, schedulers_of, settings_of
from app.settings.paint_json import load_choices, load_usable, store_choices
from app.settings.paint_presets import Presets
from app.settings.prompt_history import LIMIT, PromptHistory
from engine.errors import PresetInvalid
from engine.jobs.paint_settings import Lora, StartFrom
from engine.models.families import Family

FULL = PaintChoices().changed(
    prompt="ein Stück Fleisch, “rare”\nна тарілці",
    negative_prompt="watermark",
    checkpoint="dream.safetensors",
    loras=(Lora("tom.safetensors", 0.7), Lora("other", -1.0)),
    loras_off=frozenset({"other"}),
    steps=31,
    guidance=8.5,
    sampler="uni_pc_bh2",
    scheduler="karras",
    strength=0.6,
    start_from=StartFrom.REMOVED,
    refine=False,
    context_px=300,
    variants=8,
)


@pytest.fixture
def kept(tmp_path: Path) -> Presets:
    return Presets(paths.resource("presets"), tmp_path / "own")


def test_a_preset_comes_back_as_it_was_saved(kept: Presets) -> None:
    kept.save("Küche / nachts", FULL, prompts=True)
    (own,) = [preset for preset in kept.all() if not preset.is_shipped]
    assert own.name == "Küche / nachts"
    assert own.onto(PaintChoices()) == FULL
    kept.delete(own.name)
    assert all(preset.is_shipped for preset in kept.all())


def test_a_preset_without_prompts_leaves_what_is_written(kept: Presets) -> None:
    preset = kept.save("Bare", FULL, prompts=False)
    there = PaintChoices().changed(
        prompt="a dog", negative_prompt="blurry", seed=5, is_seed_fixed=True
    )
    found = preset.onto(there)
    assert (found.settings.prompt, found.settings.negative_prompt) == ("a dog", "blurry")
    assert (found.seed, found.is_seed_fixed) == (5, True)
    assert found.settings.steps == 31
    assert not found.left_open


def test_saving_again_takes_the_place_of_the_first(kept: Presets, tmp_path: Path) -> None:
    kept.save("One", FULL, prompts=False)
    kept.save("One", FULL.changed(steps=5), prompts=False)
    kept.save("one!", FULL, prompts=False)  # the same file name, another preset
    own = {preset.name: preset for preset in kept.all() if not preset.is_shipped}
    assert own.keys() == {"One", "one!"}
    assert own["One"].onto(PaintChoices()).settings.steps == 5


def test_the_shipped_ones_are_whole_and_say_what_they_promise(kept: Presets) -> None:
    found = {preset.values["family"]: preset.onto(PaintChoices()) for preset in kept.all()}
    assert len(found) == len(list(paths.resource("presets").glob("*.json")))
    first = found["sd15-inpaint"].settings
    assert (first.sampler, first.steps, first.guidance) == ("uni_pc_bh2", 20, 8.0)
    assert found["flux-fill"].settings.guidance == 30.0


def test_one_that_is_taken_in_can_be_shared_again(kept: Presets, tmp_path: Path) -> None:
    presets.export(kept.save("Mine", FULL, prompts=True), tmp_path / "share.json")
    other = Presets(tmp_path / "none", tmp_path / "elsewhere")
    assert other.add_file(tmp_path / "share.json").onto(PaintChoices()) == FULL
    assert [preset.name for preset in other.all()] == ["Mine"]


def good() -> dict[str, Any]:
    return {"format": presets.FORMAT, "version": 1, "name": "x", "settings": {}}


@pytest.mark.parametrize(
    ("change", "reason", "key"),
    [
        ({"settings": {"steps": 0}}, "range", "steps"),
        ({"settings": {"steps": 10**400}}, "range", "steps"),
        ({"settings": {"steps": 2.5}}, "type", "steps"),
        ({"settings": {"steps": True}}, "type", "steps"),
        ({"settings": {"guidance": 1e9}}, "range", "guidance"),
        ({"settings": {"sampler": "dpm_adaptive"}}, "choice", "sampler"),
        ({"settings": {"start_from": "moon"}}, "choice", "start_from"),
        ({"settings": {"family": "sd9"}}, "choice", "family"),
        ({"settings": {"prompt": "x" * 10_001}}, "long", "prompt"),
        ({"settings": {"prompt": "\ud800"}}, "format", ""),
        ({"settings": {"prompt": ["x"]}}, "type", "prompt"),
        ({"settings": {"loras": [["a", 3.0, True]]}}, "range", "weight"),
        ({"settings": {"loras": [["a", 1.0]]}}, "type", "loras"),
        ({"settings": {"loras": [["a", 1.0, True]] * 65}}, "long", "loras"),
        ({"settings": {"seed": 1}}, "unknown", "seed"),
        ({"settings": {"__class__": "os"}}, "unknown", "__class__"),
        ({"settings": []}, "type", "settings"),
        ({"run": "rm"}, "unknown", "run"),
        ({"version": 2}, "newer", ""),
        ({"version": "1"}, "format", ""),
        ({"format": "png"}, "format", ""),
        ({"name": ""}, "name", ""),
        ({"name": "a\nb"}, "name", ""),
        ({"name": "n" * 81}, "name", ""),
    ],
)
def test_a_hostile_preset_is_refused_and_nothing_is_kept(
    kept: Presets, tmp_path: Path, change: dict[str, Any], reason: str, key: str
) -> None:
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps({**good(), **change}), encoding="utf-8")
    with pytest.raises(PresetInvalid) as caught:
        kept.add_file(path)
    assert (caught.value.reason, caught.value.key) == (reason, key)
    assert not (tmp_path / "own").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "format"),
        (b"\xff\xfe", "format"),
        (b"[]", "format"),
        (b"[" * 60_000, "format"),
        (b"{" + b" " * (64 << 10), "size"),
        (b'{"settings": {"steps": NaN}, "format": "lacuna-paint-preset", "version": 1}', "format"),
    ],
)
def test_bytes_that_are_no_preset_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "foreign.json"
    path.write_bytes(content)
    with pytest.raises(PresetInvalid) as caught:
        presets.read(path)
    assert caught.value.reason == reason


def test_a_file_that_is_gone_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(PresetInvalid) as caught:
        presets.read(tmp_path / "gone.json")
    assert caught.value.reason == "access"


def test_settings_edited_by_hand_lose_only_what_does_not_fit() -> None:
    form = {**store_choices(FULL, prompts=False), "steps": -1, "moon": 1}
    found = load_usable(form, PaintChoices())
    assert found.left_open == {"steps"}
    assert found.settings.guidance == FULL.settings.guidance
    assert (found.settings.loras, found.loras_off) == (FULL.settings.loras, FULL.loras_off)
    assert load_choices(store_choices(FULL, prompts=True), PaintChoices()) == FULL


def test_what_is_left_open_follows_the_family() -> None:
    open_ = PaintChoices().changed(prompt="a dog")
    assert settings_of(open_, Family.FLUX_FILL).guidance == 30.0
    assert settings_of(open_, Family.FLUX_FILL).scheduler in schedulers_of(Family.FLUX_FILL)
    assert settings_of(open_, Family.SDXL).steps == 25
    assert settings_of(open_, None).guidance == 7.0
    set_ = settings_of(FULL, Family.SDXL)
    assert (set_.steps, set_.guidance, set_.sampler) == (31, 8.5, "uni_pc_bh2")
    assert set_.loras == (Lora("tom.safetensors", 0.7),)


def test_flux_takes_no_sampler_it_does_not_have() -> None:
    found = settings_of(FULL, Family.FLUX_DEV)
    assert (found.sampler, found.scheduler) == ("euler", "simple")


def test_guidance_is_not_carried_to_flux_and_is_elsewhere() -> None:
    assert changed_family(FULL, Family.SD15, Family.SDXL) == FULL
    there = changed_family(FULL, Family.SD15, Family.FLUX_FILL)
    assert there.left_open == {"guidance", "sampler", "scheduler"}
    assert there.settings.steps == 31


def test_old_prompts_are_kept_in_order_and_cleared(tmp_path: Path) -> None:
    history = PromptHistory(tmp_path / "prompts.json")
    for number in range(LIMIT + 5):
        history.add(f"prompt {number}")
    history.add("prompt 100")
    history.add("  ")
    found = history.prompts()
    assert len(found) == LIMIT
    assert found[:2] == ["prompt 100", f"prompt {LIMIT + 4}"]
    history.clear()
    assert history.prompts() == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"{}", b"[1, null]", b"\xff", b"[" * 100_000])
def test_a_damaged_list_of_prompts_counts_as_empty(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "prompts.json"
    file.write_bytes(content)
    assert PromptHistory(file).prompts() == []
