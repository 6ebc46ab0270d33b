"""SAM 2.1 and EdgeTAM on onnxruntime: an encoder for each size, and the decoder that all share."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import CapabilityMissing, ModelUnreadable
from engine.geometry import Image
from engine.jobs.backend import Capability, JobContext
from engine.jobs.operations import Decode, Floats, Located, MaskLogits, Search
from engine.light.assembly import assembled, skeleton
from engine.light.sessions import LightSession, Sessions
from engine.light.weights import read_weights
from engine.local.segmenter import CLAMP, HALF_MAX
from engine.models.families import Family
from engine.models.model_file import ModelFile
from engine.models.safetensors_file import Array, Arrays

SIDE_PX = 1024
LEVELS = ((1, 32, 256, 256), (1, 64, 128, 128), (1, 256, 64, 64))
CELLS = 256  # the side of the logits
ENCODER, DECODER = "encoder", "decoder"
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
_BLOCK = "vision_encoder.backbone.blocks."
_TABLE = "vision_encoder.backbone.pos_embed"
_HIERAS = {(96, 12): "tiny", (96, 16): "small", (112, 24): "base_plus", (144, 48): "large"}
_STABLE_BY, _STABLE = 0.05, 0.98  # logits; share of the area that stays when the threshold moves
_LEFT_TOP, _RIGHT_BOTTOM, _NONE = 2, 3, -1  # labels of points that are no clicks


@dataclass(frozen=True, slots=True, eq=False)
class SamEmbedding:
    """What the encoder made of a picture: three levels, the finest first."""

    levels: tuple[Floats, ...]

    @property
    def nbytes(self) -> int:
        return sum(level.nbytes for level in self.levels)

    def stored(self) -> dict[str, Array]:
        return {
            str(number): np.clip(level, -HALF_MAX, HALF_MAX).astype(np.float16)
            for number, level in enumerate(self.levels)
        }


class Encoder(NamedTuple):
    """The encoder, and what it is given besides the picture: of SAM 2.1, `places_of` it."""

    session: LightSession
    places: dict[str, Floats]


class Decoder(NamedTuple):
    """The decoder, and where in a picture each cell of the embedding lies."""

    session: LightSession
    positions: Floats  # (1, 256, 64, 64)


class LightSegmenter:
    """One selector. Each of its two sessions is made when it is first needed."""

    size_px = SIDE_PX

    def __init__(self, model: ModelFile, sessions: Sessions, key: object) -> None:
        """`key` stands for the state of the file: another one is another model."""
        self._model, self._sessions, self._key = model, sessions, key

    def encode(self, pixels: Image, job: JobContext) -> SamEmbedding:
        encoder: Encoder = self._sessions.get(ENCODER, self._key, lambda: self._encoder(job))
        inputs = {"pixels": _normalised(pixels), **encoder.places}
        return SamEmbedding(tuple(encoder.session.run(inputs, job)))

    def restored(self, arrays: Arrays) -> SamEmbedding:
        levels = tuple(np.array(arrays[str(number)], np.float32) for number in range(3))
        if tuple(level.shape for level in levels) != LEVELS:
            raise ValueError("an embedding of another size")
        return SamEmbedding(levels)

    def decode(self, embedding: SamEmbedding, request: Decode) -> MaskLogits:
        decoder: Decoder = self._sessions.get(DECODER, self._key, self._decoder)
        masks, scores, _ = decoder.session.run(_inputs(embedding, decoder.positions, request))
        return chosen(masks, scores, several=request.several)

    def search(self, _embedding: SamEmbedding, _request: Search, _job: JobContext) -> Located:
        raise CapabilityMissing("light", Capability.FIND.value)

    def _encoder(self, job: JobContext) -> Encoder:
        job.report(0.0, "load")
        weights = self._weights()
        graph = skeleton(encoder_name(self._model, weights))
        session = LightSession(assembled(graph, weights, self._model.path))
        is_hiera = self._model.family is not Family.EDGETAM
        return Encoder(session, {"places": places_of(weights, self._model)} if is_hiera else {})

    def _decoder(self) -> Decoder:
        weights = self._weights()
        model = assembled(skeleton("sam_decoder"), weights, self._model.path)
        session = LightSession(model, keeps_memory=True)
        return Decoder(session, positions_of(weights))

    def _weights(self) -> Arrays:
        return read_weights(self._model.path, self._model.family or Family.SAM2)


def chosen(masks: Floats, scores: Floats, *, several: bool) -> MaskLogits:
    """The candidates of (4, s, s) masks and (4,) scores, the most likely first.

    The last three where several are asked for; else the first, which was trained to be alone, or
    the best of the others where a slightly other threshold would change it much.
    """
    if several:
        order = 1 + np.argsort(-scores[1:], kind="stable")
    else:
        order = np.array([0 if _is_stable(masks[0]) else 1 + int(np.argmax(scores[1:]))])
    return MaskLogits(logits=masks[order], scores=scores[order])


def _is_stable(mask: Floats) -> bool:
    sure, possible = int((mask > _STABLE_BY).sum()), int((mask > -_STABLE_BY).sum())
    return possible == 0 or sure / possible >= _STABLE


def _normalised(pixels: Image) -> Floats:
    """(1, 3, 1024, 1024) of (S, S, 3) levels."""
    if pixels.shape[:2] != (SIDE_PX, SIDE_PX):
        size = (SIDE_PX, SIDE_PX)
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    shares = pixels.astype(np.float32) / np.float32(255)
    return np.ascontiguousarray(((shares - _MEAN) / _DEVIATION).transpose(2, 0, 1)[None])


def _inputs(embedding: SamEmbedding, positions: Floats, request: Decode) -> dict[str, Array]:
    points, labels = _prompts(request)
    previous = request.previous
    return {
        "high0": embedding.levels[0],
        "high1": embedding.levels[1],
        "embedding": embedding.levels[2],
        "positions": positions,
        "points": points[None],
        "labels": labels[None],
        "previous": _cells(previous)[None, None],
        "has_previous": np.array([previous is not None], np.float32),
    }


def _prompts(request: Decode) -> tuple[Floats, NDArray[np.int64]]:
    """(N, 2) points in pixels of the network and their (N,) labels, a box as its two corners."""
    points = request.points.astype(np.float32).reshape(-1, 2) * SIDE_PX
    labels = request.labels.astype(np.int64)
    if request.box is not None:
        corners = request.box.astype(np.float32).reshape(2, 2) * SIDE_PX
        points = np.concatenate([points, corners])
        labels = np.append(labels, (_LEFT_TOP, _RIGHT_BOTTOM)).astype(np.int64)
    if not len(points):
        return np.zeros((1, 2), np.float32), np.array([_NONE], np.int64)
    return points, labels


def _cells(previous: Floats | None) -> Floats:
    """(256, 256) logits of the answer that is corrected; zeros without one."""
    if previous is None:
        return np.zeros((CELLS, CELLS), np.float32)
    logits = np.clip(previous, -CLAMP, CLAMP).astype(np.float32)
    if logits.shape == (CELLS, CELLS):
        return logits
    return np.asarray(cv2.resize(logits, (CELLS, CELLS), interpolation=cv2.INTER_AREA), np.float32)


def positions_of(weights: Arrays) -> Floats:
    """(1, 256, 64, 64): the sines and cosines that stand for the middle of each cell."""
    directions = np.asarray(weights["shared_image_embedding.positional_embedding"], np.float32)
    middles = (np.arange(64, dtype=np.float32) + np.float32(0.5)) / np.float32(64)
    places = np.stack(np.broadcast_arrays(middles[None, :], middles[:, None]), -1)
    angles = np.float32(2 * np.pi) * ((2 * places - 1) @ directions)
    both = np.concatenate([np.sin(angles), np.cos(angles)], -1)
    return np.ascontiguousarray(both.transpose(2, 0, 1)[None], np.float32)


def places_of(weights: Arrays, model: ModelFile) -> Floats:
    """(1, 256, 256, C): what is added to each patch for where it lies.

    The coarse (1, C, 7, 7) table enlarged, and the (1, C, 8, 8) one of a window tiled: onnxruntime
    takes a second for what OpenCV does in a hundredth. Raises ModelUnreadable.
    """
    coarse, window = (weights.get(_TABLE + end) for end in ("", "_window"))
    if coarse is None or window is None or window.shape != (1, coarse.shape[1], 8, 8):
        raise ModelUnreadable(model.path, "keys", _TABLE)
    planes = [
        cv2.resize(np.asarray(plane, np.float32), (CELLS, CELLS), interpolation=cv2.INTER_CUBIC)
        for plane in coarse[0]
    ]
    whole = np.stack(planes) + np.tile(window[0], (1, CELLS // 8, CELLS // 8))
    return np.ascontiguousarray(whole.transpose(1, 2, 0)[None], np.float32)


def encoder_name(model: ModelFile, weights: Arrays) -> str:
    """The graph for these weights. Raises ModelUnreadable for a size that was not published."""
    if model.family is Family.EDGETAM:
        return "edgetam"
    first = weights.get("vision_encoder.backbone.patch_embed.projection.weight")
    numbers = {name.split(".")[3] for name in weights if name.startswith(_BLOCK)}
    size = None if first is None else _HIERAS.get((first.shape[0], len(numbers)))
    if size is None:
        raise ModelUnreadable(model.path, "keys", "no published size of SAM 2.1")
    return f"sam2_{size}"
