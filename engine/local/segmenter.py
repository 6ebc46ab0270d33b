"""The Segmenter protocol of every runtime: encode a picture once, decode clicks many times."""

from typing import Any, Protocol

from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.jobs.operations import Decode, Encode, Located, MaskLogits, NotEncoded, Search
from engine.local.embedding_cache import Embeddings, ImageEmbedding
from engine.models.safetensors_file import Arrays

CLAMP = 32.0  # logits that are given back are no surer than this
HALF_MAX = 65_000.0  # what is kept or sent in half precision is no larger


class Segmenter(Protocol):
    """One selector, loaded. Its answers are at its own size; coordinates are shares of it."""

    @property
    def size_px(self) -> int:
        """The side of the square picture that it looks at."""
        ...

    def encode(self, pixels: Image, job: JobContext) -> ImageEmbedding:
        """Encode an (S, S, 3) picture, best of size_px; nearly all of the cost of a click."""
        ...

    def restored(self, arrays: Arrays) -> ImageEmbedding:
        """An embedding that was stored. Raises KeyError or ValueError when it is none."""
        ...

    def decode(self, embedding: Any, request: Decode, /) -> MaskLogits: ...

    def search(self, embedding: Any, request: Search, job: JobContext, /) -> Located:
        """Raises CapabilityMissing where the network knows no words."""
        ...


def answer(
    segmenter: Segmenter, request: Encode | Decode | Search, kept: Embeddings, job: JobContext
) -> MaskLogits | Located | None:
    """Do one operation. Raises NotEncoded when the picture has to be sent, CapabilityMissing."""
    embedding = kept.get(request.model, request.key, segmenter.restored)
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
