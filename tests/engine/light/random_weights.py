"""Weight files in the published layouts with random numbers, made by numpy from the graphs' tables.

A graph fits one layout, so these are of full size; the smallest are MI-GAN (28 MB) and EdgeTAM.
"""

import math
from pathlib import Path

import numpy as np

from engine.light.assembly import skeleton
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile
from engine.models.safetensors_file import Array, packed

KINDS = {
    Family.LAMA: Kind.REMOVER,
    Family.MIGAN: Kind.REMOVER,
    Family.U2NETP: Kind.SUBJECT,
    Family.ISNET: Kind.SUBJECT,
}


def random_tensors(*graphs: str, seed: int = 0) -> dict[str, Array]:
    """All that the graphs need, so scaled that values neither vanish nor grow on their way."""
    random = np.random.default_rng(seed)
    shapes = {name: shape for each in graphs for name, shape in skeleton(each).shapes.items()}
    return {name: _tensor(name, shape, random) for name, shape in shapes.items()}


def _tensor(name: str, shape: tuple[int, ...], random: np.random.Generator) -> Array:
    if name.endswith("running_var"):
        return random.uniform(0.5, 1.5, shape).astype(np.float32)
    if name.endswith("filter_const"):
        return np.tile(np.array([[1, 0], [0, 0]], np.float32), (shape[2] // 2, shape[3] // 2))[
            None, None
        ]
    values = random.standard_normal(shape, np.float32)
    if len(shape) > 1:
        gain = 0.6 if "timm_model" in name else 1.0  # residual blocks add up
        return values * np.float32(gain / math.sqrt(math.prod(shape[1:])))
    is_scale = name.endswith("weight")  # of a norm
    return np.float32(0.1) * values + np.float32(is_scale)


def write_edgetam(path: Path, seed: int = 0) -> ModelFile:
    """In transformers' layout."""
    return _written(path, Family.EDGETAM, random_tensors("edgetam", "sam_decoder", seed=seed))


def write_sam2_tiny(path: Path, seed: int = 0) -> ModelFile:
    tensors = random_tensors("sam2_tiny", "sam_decoder", seed=seed)
    random = np.random.default_rng(seed)
    for end, side in (("", 7), ("_window", 8)):  # no graph has these: numpy makes planes of them
        name = f"vision_encoder.backbone.pos_embed{end}"
        tensors[name] = 0.1 * random.standard_normal((1, 96, side, side), np.float32)
    return _written(path, Family.SAM2, tensors)


def write_lama(path: Path, seed: int = 0) -> ModelFile:
    return _written(path, Family.LAMA, random_tensors("lama", seed=seed))


def write_migan(path: Path, seed: int = 0) -> ModelFile:
    return _written(path, Family.MIGAN, random_tensors("migan", seed=seed))


def write_u2netp(path: Path, seed: int = 0) -> ModelFile:
    return _written(path, Family.U2NETP, random_tensors("u2netp", seed=seed))


def write_isnet(path: Path, seed: int = 0) -> ModelFile:
    return _written(path, Family.ISNET, random_tensors("isnet", seed=seed))


def _written(path: Path, family: Family, tensors: dict[str, Array]) -> ModelFile:
    shared = "prompt_encoder.shared_embedding.positional_embedding"
    if shared in tensors:
        tensors["shared_image_embedding.positional_embedding"] = tensors[shared]
    path.write_bytes(packed(tensors))
    return model_at(path, family)


def model_at(path: Path, family: Family) -> ModelFile:
    return ModelFile(
        path=path,
        kind=KINDS.get(family, Kind.SEGMENTER),
        family=family,
        name=path.name,
        title=path.stem,
    )
