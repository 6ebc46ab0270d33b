"""Loads a segmenter and runs its operations."""

from typing import Any

import torch

from engine.jobs.backend import JobContext
from engine.jobs.operations import Decode, Encode, Located, MaskLogits, NotEncoded, Search
from engine.local.nets.segment import sam2, sam3
from engine.local.nets.segment.embedding_cache import Embeddings
from engine.local.nets.segment.segmenter import ImageEmbedding, Segmenter
from engine.models.families import Family
from engine.models.model_file import ModelFile


def load(model: ModelFile, device: torch.device, dtype: torch.dtype) -> Segmenter:
    """Read a selector. Raises ModelUnreadable, ModelUnsafe."""
    kind: Any = sam3 if model.family is Family.SAM3 else sam2
    return kind.load(model.path, device, dtype)


def answer(
    segmenter: Segmenter, request: Encode | Decode | Search, kept: Embeddings, job: JobContext
) -> MaskLogits | Located | None:
    """Do one operation. Raises NotEncoded when the picture has to be sent, CapabilityMissing."""
    embedding = kept.get(request.model, request.key, segmenter)
    if isinstance(request, Encode):
        if embedding is None:
            _encode(segmenter, request, kept, job)
        return None
    if embedding is None:
        raise NotEncoded(request.key)
    if isinstance(request, Search):
        return segmenter.search(embedding, request, job)
    return segmenter.decode(embedding, request)


def _encode(
    segmenter: Segmenter, request: Encode, kept: Embeddings, job: JobContext
) -> ImageEmbedding:
    if request.pixels is None:
        raise NotEncoded(request.key)
    embedding = segmenter.encode(request.pixels, job)
    kept.put(request.model, request.key, embedding)
    return embedding
