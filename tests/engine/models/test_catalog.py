import json
import re
from pathlib import Path

import pytest

from engine.models import catalog
from engine.models.catalog import UNVERIFIED, CheckpointPart
from engine.models.families import TORCH, Family, Kind

SHIPPED = Path(__file__).parents[3] / "resources" / "models.json"
RAW = json.loads(SHIPPED.read_text(encoding="utf-8"))


def test_every_model_that_was_promised_is_there() -> None:
    ours = catalog.load()
    families = {entry.family for entry in ours.entries if entry.family}
    assert families == set(Family) - {Family.SD21}
    for id in (
        "sam3.1",
        "sam3",
        "sam3-official",
        "big-lama",
        "illustrious-xl",
        "realvisxl",
        "sdxl",
    ):
        assert ours.get(id) is not None
    sizes = [e.id for e in ours.entries if e.family is Family.SAM2]
    assert [id.removeprefix("sam2.1-hiera-") for id in sizes] == [
        "large", "base-plus", "small", "tiny",
    ]  # fmt: skip


def test_facts_have_their_form_or_are_said_to_be_unknown() -> None:
    for model in RAW["models"]:
        assert model["commit"] in ("", UNVERIFIED) or re.fullmatch("[0-9a-f]{40}", model["commit"])
        for file in model["files"]:
            assert file["sha256"] == UNVERIFIED or re.fullmatch("[0-9a-f]{64}", file["sha256"])
            assert file["size"] == UNVERIFIED or file["size"] > 0


def test_no_checksum_stands_for_two_files() -> None:
    sums = [f["sha256"] for m in RAW["models"] for f in m["files"] if f["sha256"] != UNVERIFIED]
    assert len(set(sums)) == len(sums) >= 10


def test_what_runs_code_when_opened_is_pinned() -> None:
    """A TorchScript or a pickle is taken only as the very file that is known.

    What torch never opens is walked and not run: it may be unverified until it is first fetched.
    """
    for entry in catalog.load().entries:
        runs_on = entry.family.runs_on if entry.family else {TORCH}
        for file in entry.files:
            if TORCH in runs_on and not file.path.endswith(
                (".safetensors", ".gguf", ".json", ".txt")
            ):
                assert file.sha256, entry.id


def test_gated_weights_come_from_their_owner() -> None:
    owners = {"facebook", "black-forest-labs"}
    for entry in catalog.load().entries:
        assert entry.gated == (entry.repo.split("/")[0] in owners and "sam2" not in entry.repo)


def test_fallbacks_end(tmp_path: Path) -> None:
    ours = catalog.load()
    for entry in ours.entries:
        seen = {entry.id}
        while entry is not None and entry.fallback:
            entry = ours.get(entry.fallback)
            assert entry is not None
            assert entry.id not in seen
            seen.add(entry.id)


def test_parts_are_offered_small_first_for_text() -> None:
    ours = catalog.load()
    assert [e.id for e in ours.offering(CheckpointPart(Kind.VAE, "flux"))] == ["flux-ae"]
    assert ours.offering(CheckpointPart(Kind.TEXT_ENCODER, "t5-xxl"))[0].id == "t5-xxl-q5"
    fill = ours.get("flux-fill")
    assert fill is not None
    assert [part.part for part in fill.needs] == ["flux", "clip-l", "t5-xxl", "t5-tokenizer"]


def test_sizes_and_ranks() -> None:
    ours = catalog.load()
    sdxl, folder = ours.get("sdxl"), ours.get("sdxl-inpaint")
    assert sdxl is not None
    assert folder is not None
    assert sdxl.size_bytes == 6938078334
    assert folder.size_bytes == folder.about_mb * 1_000_000
    assert sdxl.folder == "checkpoints/sd_xl_base_1.0.safetensors"
    assert folder.folder == "checkpoints/stable-diffusion-xl-1.0-inpainting-0.1"
    assert ours.rank("sam3.1") == 0
    assert ours.rank("somebody's") == len(ours.entries)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("models", 0, "commit"), "main"),
        (("models", 0, "commit"), "ab12"),
        (("models", 0, "files", 0, "sha256"), "A" * 64),
        (("models", 0, "files", 0, "sha256"), None),
        (("models", 0, "files", 0, "size"), 0),
        (("models", 0, "files", 0, "save_as"), "../x.safetensors"),
        (("models", 0, "files", 0, "save_as"), "segment/../../x"),
        (("models", 0, "files", 0, "path"), "/etc/passwd"),
        (("models", 0, "files", 0, "save_as"), "segment/sam3.pt"),
        (("models", 0, "files", 0, "url"), "https://x.example/y"),
        (("models", 0, "files"), []),
        (("models", 0, "licence_page"), "http://x.example/y"),
        (("models", 0, "fallback"), "nobody"),
        (("models", 0, "id"), "sam3-official"),
        (("models", 0, "kind"), "magic"),
        (("models", 0, "use"), ["fly"]),
        (("models", 0, "more"), 1),
        (("models", 0, "gated"), "yes"),
        (("models", 0, "about_mb"), True),
        (("models", 0, "needs"), [["vae", "nobody"]]),
        (("version",), 2),
    ],
)
def test_bad_forms_are_refused(where: tuple[str | int, ...], value: object) -> None:
    content = json.loads(json.dumps(RAW))
    inside = content
    for step in where[:-1]:
        inside = inside[step]
    inside[where[-1]] = value
    with pytest.raises(ValueError, match=r"\S"):
        catalog.parse(json.dumps(content))


def test_the_light_sets_are_what_the_button_says() -> None:
    sets = catalog.load().sets
    assert [entry.id for entry in sets["light"].entries] == ["edgetam", "big-lama", "u2netp"]
    assert round(sets["light"].size_bytes / 1e6) == 266
    assert [entry.id for entry in sets["light-small"].entries] == ["edgetam", "migan", "u2netp"]
    assert round(sets["light-small"].size_bytes / 1e6) == 89
    assert all(entry.is_light and not entry.gated for s in sets.values() for entry in s.entries)


@pytest.mark.parametrize("ids", [[], ["nobody"]])
def test_a_set_of_unknown_models_is_refused(ids: list[str]) -> None:
    changed = RAW | {"sets": [{"id": "odd", "models": ids}]}
    with pytest.raises(ValueError, match="odd"):
        catalog.parse(json.dumps(changed))
