"""Quantised files: unpacked to what was packed, by every layout, or refused by name."""

import json
from pathlib import Path

import gguf
import numpy as np
import pytest
import safetensors.torch
import torch
from diffusers.quantizers.gguf.utils import (
    SUPPORTED_GGUF_QUANT_TYPES,
    GGUFParameter,
    dequantize_gguf_tensor,
)

from engine.dispatch.memory_plan import bytes_of
from engine.errors import ModelUnreadable
from engine.local.nets.loading.unpacking import UNPACK, hadamard
from engine.models.families import Family
from engine.models.identify import identify
from engine.models.recognition import quantisation
from tests.engine.local.nets import packed, tiny
from tests.engine.local.nets.loading import difference, load

LAYOUTS = {
    "float8_e4m3fn": ({}, "fp8", 0.02),
    "float8_e5m2": ({}, "fp8", 0.04),
    "int8_tensorwise": ({}, "int8", 0.003),
    "mxfp8": ({}, "mxfp8", 0.02),
    "nvfp4": ({}, "nvfp4", 0.12),
}
"""Entries of the marks, the precision, and the largest error of tiny weights (below 0.3)."""


def test_what_headers_promise_and_what_is_unpacked_is_one_table():
    assert set(UNPACK) == set(quantisation.PRECISIONS) == set(LAYOUTS)


def write(path: Path, weights: tiny.Weights) -> Path:
    safetensors.torch.save_file({n: t.contiguous() for n, t in weights.items()}, path)
    return path


@pytest.mark.parametrize("family", [Family.SD15, Family.SDXL])
def test_fp8_with_scales_as_it_was_published(family: Family, tmp_path: Path):
    plain = load(tiny.write_file(tmp_path / "m.safetensors", family))
    file = tiny.write_file(tmp_path / "q.safetensors", family, change=packed.old_fp8)
    assert (identify(file).precision, identify(file).problem) == ("fp8", "")
    assert 0.0 < difference(load(file), plain) < 0.02


@pytest.mark.parametrize("form", LAYOUTS)
def test_layers_with_marks(form: str, tmp_path: Path):
    more, precision, worst = LAYOUTS[form]
    plain = load(tiny.write_file(tmp_path / "m.safetensors", Family.SDXL))
    file = tiny.write_file(
        tmp_path / "q.safetensors", Family.SDXL, change=lambda w: packed.marked(w, form, **more)
    )
    found = identify(file)
    assert (found.family, found.precision, found.problem) == (Family.SDXL, precision, "")
    assert 0.0 < difference(load(file), plain) < worst


def test_int8_whose_rows_were_turned(tmp_path: Path):
    plain = load(tiny.write_file(tmp_path / "m.safetensors", Family.SD15))
    file = tiny.write_file(
        tmp_path / "q.safetensors", Family.SD15,
        change=lambda w: packed.marked(w, "int8_tensorwise", convrot=True, convrot_groupsize=16),
    )  # fmt: skip
    assert 0.0 < difference(load(file), plain) < 0.01
    assert torch.allclose(hadamard(16) @ hadamard(16), torch.eye(16), atol=1e-6)


@pytest.mark.parametrize("form", LAYOUTS)
def test_flux_and_its_parts(form: str, tmp_path: Path):
    file = tiny.write_flux_dev(tmp_path / "m.safetensors")
    parts = tiny.write_flux_parts(tmp_path / "p")
    plain = load(file, *parts)
    write(file, packed.marked(safetensors.torch.load_file(file), form, ""))
    t5 = parts[-1]
    write(t5, packed.marked(safetensors.torch.load_file(t5), form, "encoder."))
    assert identify(file).family is Family.FLUX_DEV
    assert 0.0 < difference(load(file, *parts), plain) < 2 * LAYOUTS[form][2]


def test_marks_in_the_metadata_and_in_the_old_layout_of_t5(tmp_path: Path):
    file = tiny.write_flux_dev(tmp_path / "m.safetensors")
    parts = tiny.write_flux_parts(tmp_path / "p")
    plain = load(file, *parts)
    made = packed.marked(safetensors.torch.load_file(file), "float8_e4m3fn", "")
    marks = {n.removesuffix(".comfy_quant"): t for n, t in made.items() if n.endswith("_quant")}
    about = {name: json.loads(bytes(mark.tolist())) for name, mark in marks.items()}
    kept = {n: t.contiguous() for n, t in made.items() if not n.endswith("comfy_quant")}
    metadata = {"_quantization_metadata": json.dumps({"layers": about})}
    safetensors.torch.save_file(kept, file, metadata)
    write(parts[-1], packed.old_fp8(safetensors.torch.load_file(parts[-1]), "encoder."))
    assert 0.0 < difference(load(file, *parts), plain) < 0.04


@pytest.mark.parametrize("name", ["convrot_w4a4", "svdquant_w4a4", "of 2027"])
def test_a_format_that_is_not_unpacked_is_refused_by_name(name: str, tmp_path: Path):
    def change(weights: tiny.Weights) -> tiny.Weights:
        made = packed.marked(weights, "int8_tensorwise")
        mark = torch.tensor(list(json.dumps({"format": name}).encode()), dtype=torch.uint8)
        return {n: mark if n.endswith("comfy_quant") else t for n, t in made.items()}

    file = tiny.write_file(tmp_path / "m.safetensors", Family.SDXL, change=change)
    assert (identify(file).problem, identify(file).detail) == ("quantised", name)
    with pytest.raises(ModelUnreadable) as caught:
        load(file)
    assert (caught.value.reason, caught.value.detail) == ("quantised", name)


@pytest.mark.parametrize(
    "end", ["pre_quant_scale", "qweight", "SCB", "weight_scale_inv", "weight_scale"]
)
def test_further_tensors_of_other_formats_are_refused(end: str, tmp_path: Path):
    """`weight_scale` without a mark beside int8: rows may have been turned."""

    def change(weights: tiny.Weights) -> tiny.Weights:
        name = next(n for n, t in weights.items() if packed.is_packed(n, t))
        more = {name.removesuffix("weight") + end: torch.ones(1)}
        return weights | {name: weights[name].to(torch.int8)} | more

    file = tiny.write_file(tmp_path / "m.safetensors", Family.SD15, change=change)
    assert identify(file).problem == "quantised"
    with pytest.raises(ModelUnreadable):
        load(file)


def test_scales_of_a_strange_shape_are_refused(tmp_path: Path):
    def change(weights: tiny.Weights) -> tiny.Weights:
        made = packed.marked(weights, "float8_e4m3fn")
        return {n: torch.ones(3) if n.endswith("weight_scale") else t for n, t in made.items()}

    with pytest.raises(ModelUnreadable) as caught:
        load(tiny.write_file(tmp_path / "m.safetensors", Family.SD15, change=change))
    assert caught.value.reason == "keys"


@pytest.mark.parametrize("kind", SUPPORTED_GGUF_QUANT_TYPES, ids=lambda kind: kind.name)
def test_every_type_of_gguf_is_unpacked_as_its_own_package_does(kind: gguf.GGMLQuantizationType):
    """diffusers unpacks layer by layer, some types in fp16; random bytes are blocks of any type."""
    assert kind.name in quantisation.GGUF_TYPES
    assert 0.3 <= bytes_of(f"gguf-{kind.name.lower()}") <= 2.0
    block, size = gguf.GGML_QUANT_SIZES[kind]
    raw = np.random.default_rng(0).integers(0, 60, (4, 2 * size), np.uint8)
    own = gguf.quants.dequantize(raw, kind)
    theirs = dequantize_gguf_tensor(GGUFParameter(torch.from_numpy(raw), quant_type=kind))
    assert own.shape == (4, 2 * block)
    worst = np.abs(own - theirs.float().numpy()).max()
    assert worst <= 2e-3 * np.abs(own).max()
