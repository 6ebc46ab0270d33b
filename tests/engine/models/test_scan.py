import json
import os
import pickle
import shutil
import struct
from pathlib import Path

import pytest

from engine.errors import Cancelled
from engine.models import scan as installed
from engine.models.families import Family, Kind
from engine.models.identify import NETWORKS
from engine.models.model_file import Installed, ModelFile
from engine.models.places import COMFY, ModelPlaces, extra_paths, hub_caches, roots, usual_installs
from engine.models.scan import scan
from tests.support.model_files import LORA, SAM2, SD15, SDXL, VAE, weights


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def find(own: Path, *extra: Path, hubs: tuple[Path, ...] = (), memory: Path | None = None) -> (
    Installed
):  # fmt: skip
    return scan(ModelPlaces(own=own, extra=extra, hubs=hubs, memory=memory))


def names(found: Installed, kind: Kind | None = None) -> list[str]:
    return [model.name for model in found.models if kind is None or model.kind is kind]


def only(found: Installed) -> ModelFile:
    (model,) = found.models
    return model


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")
    }


# the own folder


def test_the_own_folder_by_headers_alone(own: Path) -> None:
    weights(own / "checkpoints" / "dream.safetensors", SD15)
    weights(own / "loras" / "style.safetensors", LORA)
    weights(own / "vae" / "ae.safetensors", VAE, dtype="F32")
    found = find(own)
    assert names(found) == ["dream.safetensors", "style.safetensors", "ae.safetensors"]
    assert [m.kind for m in found.models] == [Kind.CHECKPOINT, Kind.LORA, Kind.VAE]
    assert found.models[0].family is Family.SD15
    assert found.models[0].precision == "fp16"
    assert found.models[1].rank == 4


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert find(tmp_path / "nothing", tmp_path / "nowhere") == Installed()


def test_entries_of_the_catalog_are_known(own: Path) -> None:
    weights(own / "checkpoints" / "Illustrious-XL-v0.1.safetensors", SDXL)
    weights(own / "segment" / "sam2.1-hiera-tiny.safetensors", SAM2)
    weights(own / "vae" / "ae.safetensors", VAE, dtype="F32")
    found = find(own)
    assert [m.catalog_id for m in found.models] == [
        "sam2.1-hiera-tiny",
        "illustrious-xl",
        "flux-ae",
    ]
    assert found.selector is found.models[0]


def test_a_known_name_on_another_network_is_not_the_entry(own: Path, tmp_path: Path) -> None:
    comfy = tmp_path / "ComfyUI"
    weights(comfy / "models/checkpoints/Illustrious-XL-v0.1.safetensors", SD15)
    weights(comfy / "models/checkpoints/sd_xl_base_1.0.safetensors", SDXL)  # of another size
    assert {m.catalog_id for m in find(own, comfy).models} == {""}


def test_the_preferred_come_first(own: Path, tmp_path: Path) -> None:
    weights(own / "checkpoints" / "b32.safetensors", SDXL, dtype="F32")
    weights(own / "checkpoints" / "z16.safetensors", SDXL)
    weights(own / "checkpoints" / "a16.safetensors", SDXL)
    (own / "checkpoints" / "broken.safetensors").write_bytes(b"no")
    weights(tmp_path / "more" / "Illustrious-XL-v0.1.safetensors", SDXL)
    found = find(own, tmp_path / "more")
    assert names(found) == [
        "Illustrious-XL-v0.1.safetensors", "a16.safetensors", "z16.safetensors",
        "b32.safetensors", "broken.safetensors",
    ]  # fmt: skip
    assert found.painter is found.models[0]


def test_what_cannot_be_used_says_why(own: Path) -> None:
    path = weights(own / "checkpoints" / "cut.safetensors", SD15)
    with path.open("r+b") as file:
        file.truncate(1000)
    (own / "loras").mkdir()
    (own / "loras" / "bad.safetensors").write_bytes(struct.pack("<Q", 1 << 60))
    (own / "checkpoints" / "evil.ckpt").write_bytes(pickle.dumps(print))
    found = find(own)
    problems = {model.name: model.problem for model in found.models}
    assert set(problems) == {"cut.safetensors", "bad.safetensors", "evil.ckpt"}
    assert all(problems.values())
    assert problems["bad.safetensors"] == "header"
    assert found.of(Kind.CHECKPOINT) == ()


def test_parts_and_hidden_things_are_no_models(own: Path) -> None:
    weights(own / "checkpoints" / "a.safetensors.part", SD15)
    weights(own / ".trash" / "b.safetensors", SD15)
    weights(own / "checkpoints" / "big-00001-of-00003.safetensors", SD15)
    (own / "downloads.json").write_text("{}")
    assert find(own) == Installed()


def pipeline(folder: Path, *, width: int = 2048, weighed: bool = True) -> Path:
    folder.mkdir(parents=True)
    index = {"_class_name": "X", "unet": ["diffusers", "U"], "vae": ["diffusers", "V"]}
    (folder / "model_index.json").write_text(json.dumps(index))
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text("{}")
    for name in NETWORKS["sdxl"]:
        (folder / name).mkdir()
        config = {"cross_attention_dim": width, "in_channels": 9}
        (folder / name / "config.json").write_text(json.dumps(config))
        if weighed:
            weights(folder / name / "diffusion_pytorch_model.fp16.safetensors", {"a": (2,)})
    return folder


def test_a_folder_of_diffusers_is_one_model(own: Path) -> None:
    pipeline(own / "checkpoints" / "stable-diffusion-xl-1.0-inpainting-0.1")
    model = only(find(own))
    assert model.family is Family.SDXL_INPAINT
    assert model.catalog_id == "sdxl-inpaint"
    assert not model.problem


def test_an_unfinished_folder_says_so(own: Path) -> None:
    folder = pipeline(own / "checkpoints" / "x", weighed=False)
    assert only(find(own)).problem == "partial"
    for name in NETWORKS["sdxl"]:
        weights(folder / name / "model.safetensors", {"a": (2,)})
    assert only(find(own)).problem == ""


def test_the_tokenizer_is_found(own: Path) -> None:
    folder = own / "text_encoders" / "tokenizer_2"
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text("{}")
    model = only(find(own))
    assert (model.kind, model.part, model.path) == (Kind.TEXT_ENCODER, "t5-tokenizer", folder)
    assert model.catalog_id == "t5-tokenizer"


# other programs


def test_comfyui_is_used_in_place_and_never_written_to(own: Path, tmp_path: Path) -> None:
    comfy = tmp_path / "ComfyUI"
    weights(comfy / "models/checkpoints/sub/dream.safetensors", SD15)
    weights(comfy / "models/loras/style.safetensors", LORA)
    weights(comfy / "models/controlnet/not_for_us.safetensors", {"control_model.x": (2,)})
    weights(comfy / "models/clip_vision/nor_this.safetensors", {"vision_model.x": (2,)})
    before = tree(comfy)
    found = find(own, comfy, memory=own / "memory.json")
    assert names(found) == ["dream.safetensors", "style.safetensors"]
    assert found.models[0].path == comfy / "models/checkpoints/sub/dream.safetensors"
    assert find(own, comfy / "models").models == found.models
    assert tree(comfy) == before


def test_a1111(own: Path, tmp_path: Path) -> None:
    webui = tmp_path / "stable-diffusion-webui"
    weights(webui / "models/Stable-diffusion/dream.safetensors", SD15)
    weights(webui / "models/Lora/style.safetensors", LORA)
    weights(webui / "models/ControlNet/no.safetensors", {"control_model.x": (2,)})
    assert names(find(own, webui)) == ["dream.safetensors", "style.safetensors"]


def test_any_folder(own: Path, tmp_path: Path) -> None:
    weights(tmp_path / "here" / "a" / "b" / "dream.safetensors", SD15)
    assert names(find(own, tmp_path / "here")) == ["dream.safetensors"]


def test_one_file_reached_in_two_ways_comes_once(own: Path, tmp_path: Path) -> None:
    path = weights(tmp_path / "here" / "dream.safetensors", SD15)
    (own / "checkpoints").mkdir()
    (own / "checkpoints" / "linked.safetensors").symlink_to(path)
    (tmp_path / "here" / "loop").symlink_to(tmp_path / "here")
    assert names(find(own, tmp_path / "here", tmp_path / "here")) == ["linked.safetensors"]


def test_usual_places(tmp_path: Path) -> None:
    assert usual_installs(tmp_path) == ()
    (tmp_path / "ComfyUI" / "models").mkdir(parents=True)
    assert usual_installs(tmp_path) == (tmp_path / "ComfyUI",)


# the hub's cache


def cached(cache: Path, repo: str, name: str, tensors: dict[str, tuple[int, ...]]) -> Path:
    """As the hub's client lays it out: blobs, snapshots of links, and a ref."""
    folder = cache / ("models--" + repo.replace("/", "--"))
    blob = weights(folder / "blobs" / name.replace("/", "_"), tensors)
    link = folder / "snapshots" / ("a" * 40) / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
    (folder / "refs").mkdir(exist_ok=True)
    (folder / "refs" / "main").write_text("a" * 40)
    return link


def test_the_hubs_cache_is_used_in_place(own: Path, tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    link = cached(cache, "facebook/sam2.1-hiera-tiny", "model.safetensors", SAM2)
    cached(cache, "somebody/language-model", "model.safetensors", {"lm_head.weight": (2,)})
    before = tree(cache)
    model = only(find(own, hubs=(cache,)))
    assert (model.name, model.catalog_id) == ("sam2.1-hiera-tiny", "sam2.1-hiera-tiny")
    assert model.path == link
    assert tree(cache) == before
    assert only(find(own, cache)).name == "sam2.1-hiera-tiny"


def test_the_current_snapshot_is_taken(own: Path, tmp_path: Path) -> None:
    cache = tmp_path / "hub"
    link = cached(cache, "me/dream", "dream.safetensors", SD15)
    old = link.parent.parent / ("b" * 40)
    shutil.copytree(link.parent, old, symlinks=True)
    assert only(find(own, hubs=(cache,))).path == link
    (link.parents[2] / "refs" / "main").write_text("../../../../etc")
    assert only(find(own, hubs=(cache,))).name == "dream.safetensors"


def test_a_pipeline_in_the_cache_is_called_by_its_repository(own: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hub/models--diffusers--stable-diffusion-xl-1.0-inpainting-0.1"
    pipeline(folder / "snapshots" / ("a" * 40))
    model = only(find(own, hubs=(tmp_path / "hub",)))
    assert model.name == "stable-diffusion-xl-1.0-inpainting-0.1"
    assert model.catalog_id == "sdxl-inpaint"


def test_where_the_cache_is(tmp_path: Path) -> None:
    assert hub_caches({"HF_HOME": str(tmp_path)}) == ()
    (tmp_path / "hub").mkdir()
    assert hub_caches({"HF_HOME": str(tmp_path)}) == (tmp_path / "hub",)
    assert hub_caches({"HF_HUB_CACHE": str(tmp_path)}) == (tmp_path,)
    assert hub_caches({"XDG_CACHE_HOME": str(tmp_path / "x")}) == ()


# extra_model_paths.yaml


def yaml_file(folder: Path, text: str) -> Path:
    path = folder / "extra_model_paths.yaml"
    path.write_text(text)
    return path


def test_the_yaml_of_comfyui(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights(tmp_path / "nas/sd/dream.safetensors", SD15)
    weights(tmp_path / "nas/more/other.safetensors", SD15)
    weights(tmp_path / "lora/style.safetensors", LORA)
    monkeypatch.setenv("NAS", str(tmp_path / "nas"))
    path = yaml_file(
        tmp_path,
        "nas:\n  base_path: $NAS\n  is_default: true\n  checkpoints: |\n    sd\n    more\n"
        "  controlnet: sd\nbeside:\n  loras: lora\n",
    )
    assert names(find(own, path)) == [
        "dream.safetensors", "other.safetensors", "style.safetensors"
    ]  # fmt: skip


def test_the_yaml_in_a_comfyui_folder_is_read_too(own: Path, tmp_path: Path) -> None:
    (tmp_path / "ComfyUI/models/checkpoints").mkdir(parents=True)
    weights(tmp_path / "elsewhere/dream.safetensors", SD15)
    yaml_file(tmp_path / "ComfyUI", "x:\n  base_path: ..\n  checkpoints: elsewhere\n")
    assert names(find(own, tmp_path / "ComfyUI")) == ["dream.safetensors"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a\n- b\n",
        "x: 3\n",
        "x:\n  checkpoints: [a, b]\n",
        "x:\n  checkpoints: 5\n  base_path: 7\n",
        "x:\n  base_path: /nonexistent\n  checkpoints: a\n",
        "x: !!python/object/apply:os.system ['touch canary']\n",
        "x: [unclosed\n",
        "x:\n  checkpoints: |\n    \n",
        "x:\n  5: a\n  ? [1]\n  : b\n",
        'x:\n  checkpoints: "a\\0b"\n',
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n",
        "x: " + "[" * 5000,
    ],
)
def test_yaml_traps_give_nothing(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert extra_paths(yaml_file(tmp_path, text)) == []
    assert not (tmp_path / "canary").exists()


def test_a_yaml_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    text = "x:\n  checkpoints: c\n"
    assert len(extra_paths(yaml_file(tmp_path, text))) == 1
    assert extra_paths(yaml_file(tmp_path, text + "#" * (1 << 20))) == []
    assert extra_paths(tmp_path / "none.yaml") == []


def test_every_root_once_and_the_own_first(own: Path, tmp_path: Path) -> None:
    for name in COMFY:
        (tmp_path / "ComfyUI/models" / name).mkdir(parents=True)
    places = ModelPlaces(own=own, extra=(tmp_path / "ComfyUI", tmp_path / "ComfyUI/models", own))
    found = roots(places)
    assert found[0].path == own
    assert found[0].origin == "own"
    assert len(found) == 1 + len(COMFY)


# memory


def test_headers_are_read_once(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(200):
        weights(own / "loras" / f"{number:03}.safetensors", LORA)
    (own / "loras" / "broken.safetensors").write_bytes(b"no")
    memory = tmp_path / "state" / "models.json"
    first = find(own, memory=memory)
    looked: list[Path] = []
    real = installed.identify
    monkeypatch.setattr(installed, "identify", lambda path: looked.append(path) or real(path))
    assert find(own, memory=memory) == first
    assert looked == []
    changed = weights(own / "loras" / "007.safetensors", SD15)
    again = find(own, memory=memory)
    assert looked == [changed]
    assert len(again.of(Kind.LORA)) == 199
    changed.unlink()
    assert len(find(own, memory=memory).models) == 200
    assert looked == [changed]


def test_a_changed_folder_is_looked_into_again(own: Path, tmp_path: Path) -> None:
    memory = tmp_path / "models.json"
    folder = pipeline(own / "checkpoints" / "x", weighed=False)
    assert only(find(own, memory=memory)).problem == "partial"
    for name in NETWORKS["sdxl"]:
        weights(folder / name / "model.safetensors", {"a": (2,)})
    assert only(find(own, memory=memory)).problem == ""


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"reader": 1, "seen": 3}', b'{"reader": 0, "seen": {}}', b"\xff"]
)
def test_a_damaged_memory_is_forgotten(own: Path, tmp_path: Path, content: bytes) -> None:
    weights(own / "loras" / "a.safetensors", LORA)
    memory = tmp_path / "models.json"
    memory.write_bytes(content)
    assert names(find(own, memory=memory)) == ["a.safetensors"]


def test_a_damaged_line_of_the_memory_is_read_anew(own: Path, tmp_path: Path) -> None:
    path = weights(own / "loras" / "a.safetensors", LORA)
    memory = tmp_path / "models.json"
    find(own, memory=memory)
    content = json.loads(memory.read_text())
    content["seen"][str(path)][2] = {"kind": "magic"}
    memory.write_text(json.dumps(content))
    assert names(find(own, memory=memory)) == ["a.safetensors"]


def test_a_search_can_be_stopped(own: Path) -> None:
    weights(own / "loras" / "a.safetensors", LORA)

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        scan(ModelPlaces(own=own), waiting=stop)
