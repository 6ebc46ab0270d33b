"""Foreign weight files: malformed ones are refused at once, honest ones are told apart."""

import json
import pickle
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import EngineError, ModelError, ModelUnreadable, ModelUnsafe
from engine.models.families import Family, Kind
from engine.models.identify import identify
from engine.models.lora_header import lora_facts, preview
from engine.models.weights import WeightHeader, read_header
from engine.models.weights_torch import check_pickle
from tests.support.model_files import weights


def raw(path: Path, header: object, body: bytes = b"", length: int | None = None) -> Path:
    content = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(content) if length is None else length) + content + body)
    return path


def entry(start: int, end: int, shape: list[int], dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


MALFORMED: dict[str, Callable[[Path], Path]] = {
    "length beyond all": lambda p: raw(p, {}, length=10**15),
    "length past the end": lambda p: raw(p, {}, length=1000),
    "no json": lambda p: raw(p, b"{" * 2000),
    "a list": lambda p: raw(p, []),
    "overlap": lambda p: raw(p, {"a": entry(0, 8, [2]), "b": entry(4, 12, [2])}, bytes(12)),
    "past the end": lambda p: raw(p, {"a": entry(0, 4_000_000, [1_000_000])}, bytes(8)),
    "overflow": lambda p: raw(p, {"a": entry(0, 8, [2**62, 2**62])}, bytes(8)),
    "negative": lambda p: raw(p, {"a": entry(-8, 0, [2])}, bytes(8)),
    "unknown type": lambda p: raw(p, {"a": entry(0, 8, [1], "PICKLE")}, bytes(8)),
    "too many": lambda p: raw(p, {f"t{i}": entry(0, 0, [0]) for i in range(30_000)}),
    "bytes behind": lambda p: raw(p, {"a": entry(0, 8, [2])}, bytes(5000)),
    "metadata no text": lambda p: raw(p, {"__metadata__": {"a": {"b": 1}}}),
    "offsets no numbers": lambda p: raw(p, {"a": entry("x", None, [2])}),  # type: ignore[arg-type]
    "empty": lambda p: _empty(p),
}


def _empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_header_is_refused_at_once(name: str, tmp_path: Path) -> None:
    path = MALFORMED[name](tmp_path / "a.safetensors")
    started = time.process_time()
    with pytest.raises(ModelError):
        read_header(path)
    assert time.process_time() - started < 0.5


def test_an_honest_header_is_read(tmp_path: Path) -> None:
    path = weights(tmp_path / "a.safetensors", {"x": (3, 4), "y": ()}, {"k": "v"})
    header = read_header(path)
    assert header.tensors["x"].shape == (3, 4)
    assert header.metadata == {"k": "v"}


class Evil:
    """Would make a file if it were ever unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.canary,)


def _zip(path: Path, members: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def malicious(folder: Path, canary: Path) -> dict[str, Path]:
    evil = pickle.dumps({"w": Evil(canary)}, protocol=2)
    new = pickle.dumps({"w": Evil(canary)}, protocol=4)
    bomb = b"\x80\x02" + b"N" * (7 << 20) + b"."
    return {
        "reduce": _zip(folder / "a.pt", {"a/data.pkl": evil, "a/version": b"3"}),
        "protocol 4": _zip(folder / "b.pt", {"b/data.pkl": new}),
        "legacy": _write(folder / "c.ckpt", evil),
        "torch.package": _zip(folder / "d.pt", {"d/.data/version": b"6", "d/m.py": b"import os"}),
        "nested zip": _zip(
            folder / "e.pt",
            {"e/inner.pt": _zip(folder / "f.zip", {"f/data.pkl": evil}).read_bytes()},
        ),
        "bomb": _zip(folder / "g.pt", {"g/data.pkl": bomb}, zipfile.ZIP_DEFLATED),
        "npy": _write(folder / "h.pt", b"\x93NUMPY\x01\x00" + evil),
        "namespace": _zip(
            folder / "i.pt", {"i/data.pkl": b"\x80\x02cargparse\nNamespace\nq\x00)\x81q\x01."}
        ),
        "huge pickle": _zip(folder / "j.pt", {"j/data.pkl": bytes(9 << 20)}),
    }


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_no_malicious_file_of_torch_passes(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    for name, path in malicious(tmp_path, canary).items():
        tracemalloc.start()
        started = time.process_time()
        with pytest.raises((ModelUnsafe, ModelUnreadable)):
            check_pickle(path)
        assert time.process_time() - started < 1.0, name
        assert tracemalloc.get_traced_memory()[1] < 300 << 20, name
        tracemalloc.stop()
    assert not canary.exists()


def test_torchscript_is_told_apart_and_never_read(tmp_path: Path) -> None:
    members = {"m/constants.pkl": b"\x80\x02).", "m/code/x.py": b"", "m/data.pkl": b"\x80\x02N."}
    path = _zip(tmp_path / "model.pt", members)
    assert check_pickle(path) == WeightHeader(tensors={}, layout="torchscript")
    assert identify(path).problem == "torchscript"
    assert identify(path.rename(tmp_path / "big-lama.pt")).family is Family.LAMA


ATTENTION = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"


def checkpoint(context: int, channels: int) -> dict[str, tuple[int, ...]]:
    return {
        "model.diffusion_model.input_blocks.0.0.weight": (320, channels, 3, 3),
        ATTENTION: (320, context),
        "first_stage_model.decoder.conv_in.weight": (512, 4, 3, 3),
        "cond_stage_model.transformer.text_model.final_layer_norm.weight": (768,),
    }


@pytest.mark.parametrize(
    ("context", "channels", "family"),
    [
        (768, 4, Family.SD15),
        (768, 9, Family.SD15_INPAINT),
        (1024, 9, Family.SD21_INPAINT),
        (2048, 4, Family.SDXL),
        (2048, 9, Family.SDXL_INPAINT),
    ],
)
def test_checkpoints_are_told_apart(
    context: int, channels: int, family: Family, tmp_path: Path
) -> None:
    model = identify(weights(tmp_path / "m.safetensors", checkpoint(context, channels)))
    assert (model.kind, model.family, model.problem) == (Kind.CHECKPOINT, family, "")
    assert model.precision == "fp16"


@pytest.mark.parametrize(
    ("encoder", "family"),
    [
        ("conditioner.embedders.1.model.ln_final.weight", Family.SDXL),
        ("cond_stage_model.model.ln_final.weight", Family.SD21),
        ("cond_stage_model.transformer.text_model.final_layer_norm.weight", Family.SD15),
        ("conditioner.embedders.0.model.ln_final.weight", None),  # SDXL's refiner
    ],
)
def test_a_checkpoint_of_unusual_size_is_known_by_its_encoders(
    encoder: str, family: Family | None, tmp_path: Path
) -> None:
    tensors = {n: s for n, s in checkpoint(1280, 4).items() if not n.startswith("cond_stage")}
    model = identify(weights(tmp_path / "m.safetensors", {**tensors, encoder: (8,)}))
    assert (model.family, model.problem) == (family, "" if family else "sdxl-refiner")


def test_a_checkpoint_without_its_vae_is_partial(tmp_path: Path) -> None:
    tensors = {n: s for n, s in checkpoint(768, 4).items() if "first_stage" not in n}
    assert identify(weights(tmp_path / "m.safetensors", tensors)).problem == "partial"


@pytest.mark.parametrize(
    ("width", "guided", "name", "family", "problem"),
    [
        (64, True, "flux1-dev", Family.FLUX_DEV, ""),
        (64, True, "flux1-dev-kontext", Family.FLUX_KONTEXT, ""),
        (384, True, "flux1-fill-dev", Family.FLUX_FILL, ""),
        (64, False, "flux1-schnell", Family.FLUX_DEV, "schnell"),
    ],
)
def test_flux_is_told_apart(
    width: int, guided: bool, name: str, family: Family, problem: str, tmp_path: Path
) -> None:
    tensors: dict[str, tuple[int, ...]] = {
        "img_in.weight": (3072, width), "double_blocks.0.img_attn.qkv.weight": (16, 8),
    }  # fmt: skip
    if guided:
        tensors["guidance_in.in_layer.weight"] = (8, 8)
    model = identify(weights(tmp_path / f"{name}.safetensors", tensors))
    assert (model.family, model.problem) == (family, problem)


def test_sam3_and_its_successor_are_told_apart(tmp_path: Path) -> None:
    trunk = {"detector.backbone.vision_backbone.trunk.pos_embed": (1, 577, 8)}
    old = {**trunk, "detector.backbone.vision_backbone.sam2_convs.0.conv_1x1.weight": (8, 8, 1, 1)}
    new = {**trunk, "detector.backbone.vision_backbone.interactive_convs.0.weight": (8, 8, 1, 1)}
    for tensors, family in ((old, Family.SAM3), (new, Family.SAM31)):
        found = identify(weights(tmp_path / "x.safetensors", tensors))
        assert (found.kind, found.family, found.problem) == (Kind.SEGMENTER, family, "")


def test_a_foreign_file_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        identify(weights(tmp_path / "x.safetensors", {"weight": (2, 2)}))


KOHYA = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


def test_the_facts_of_a_lora(tmp_path: Path) -> None:
    tensors = {
        f"{KOHYA}.lora_down.weight": (16, 768),
        f"{KOHYA}.lora_up.weight": (320, 16),
        f"{KOHYA}.alpha": (),
    }
    tags = json.dumps({"10_tom": {"TomTC": 23, "face with smile": 5}})
    path = weights(tmp_path / "l.safetensors", tensors, {"ss_tag_frequency": tags})
    facts = lora_facts(path)
    assert (facts.base, facts.kind, facts.layout, facts.rank) == ("sd15", "lora", "kohya", 16)
    assert facts.trigger_words == ("TomTC",)
    model = identify(path)
    assert (model.kind, model.family, model.rank) == (Kind.LORA, Family.SD15, 16)


@pytest.mark.parametrize(
    ("name", "shape", "base", "kind", "layout"),
    [
        ("unet.down_blocks.0.attn2.to_v.lora_A.weight", (4, 2048), "sdxl", "lora", "peft"),
        ("transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight", (4, 8), "flux", "lora",
         "peft"),
        ("lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight", (4, 8), "flux", "lora",
         "flux-kohya"),
        ("lora_unet_input_blocks_4_1_conv.lora_down.weight", (4, 8, 3, 3), "", "locon", "sgm"),
        ("lora_unet_x.hada_w1_a", (4, 8), "", "loha", "kohya"),
    ],
)  # fmt: skip
def test_layouts_of_loras(
    name: str, shape: tuple[int, ...], base: str, kind: str, layout: str, tmp_path: Path
) -> None:
    facts = lora_facts(weights(tmp_path / "l.safetensors", {name: shape}))
    assert (facts.base, facts.kind, facts.layout) == (base, kind, layout)


def test_a_preview_lies_in_the_file_or_beside_it(tmp_path: Path) -> None:
    name = f"{KOHYA}.lora_down.weight"
    inside = {"modelspec.thumbnail": "data:image/jpeg;base64,QUJD"}
    assert preview(weights(tmp_path / "a.safetensors", {name: (1, 768)}, inside)) == b"ABC"
    path = weights(tmp_path / "b.safetensors", {name: (1, 768)})
    assert preview(path) is None
    (tmp_path / "b.preview.png").write_bytes(b"P")
    assert preview(path) == b"P"
