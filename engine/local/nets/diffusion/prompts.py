"""Encodes prompts for the networks.

Weights and long prompts are ComfyUI's: a weighted token is moved away from, or towards, what an
empty prompt gives in its place; CLIP reads 75 tokens at a time, and the network sees all chunks.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from engine.local.nets.components import PipelineComponents
from engine.local.nets.diffusion.prompt_weights import Chunk, Token, chunks, pieces

CLIP_LENGTH = 77
T5_LENGTHS = (256, 512)  # the shorter one that is long enough; the rest of a prompt is lost


class PromptEmbedding(NamedTuple):
    """A prompt, encoded."""

    tokens: Tensor  # (1, length, width)
    pooled: Tensor | None  # (1, width); None for SD 1.5 and 2.1

    def to(self, device: torch.device, dtype: torch.dtype | None = None) -> "PromptEmbedding":
        pooled = None if self.pooled is None else self.pooled.to(device, dtype)
        return PromptEmbedding(self.tokens.to(device, dtype), pooled)


def embed(parts: PipelineComponents, prompt: str) -> PromptEmbedding:
    """Run the text encoders."""
    if parts.family.is_flux:
        return _flux(parts, prompt)
    return _sdxl(parts, prompt) if len(parts.text_encoders) == 2 else _sd(parts, prompt)


def _sd(parts: PipelineComponents, prompt: str) -> PromptEmbedding:
    """The last layer; SD 2.1's encoder comes without the layer that is not to be used."""
    tokenizer, encoder = parts.tokenizers[0], parts.text_encoders[0]
    read = _clip_chunks(tokenizer, prompt)
    blank = _clip_chunks(tokenizer, "")
    states, _ = _encoded(encoder, _with_blank(read, blank), parts.device, layer=None)
    return PromptEmbedding(_weighted(states, read), None)


def _sdxl(parts: PipelineComponents, prompt: str) -> PromptEmbedding:
    """The layer before the last of both encoders, side by side."""
    sides, pooled = [], None
    for tokenizer, encoder in zip(parts.tokenizers, parts.text_encoders):
        read = _clip_chunks(tokenizer, prompt)
        blank = _clip_chunks(tokenizer, "")
        states, out = _encoded(encoder, _with_blank(read, blank), parts.device, layer=-2)
        sides.append(_weighted(states, read))
        pooled = getattr(out, "text_embeds", None)
    assert pooled is not None, "the second encoder of SDXL has a projection"
    return PromptEmbedding(torch.cat(sides, dim=-1), pooled[:1])


def _flux(parts: PipelineComponents, prompt: str) -> PromptEmbedding:
    """T5 for the words, CLIP for the gist."""
    clip, t5 = parts.text_encoders
    read = _clip_chunks(parts.tokenizers[0], prompt)
    _, out = _encoded(clip, read[:1], parts.device, layer=None)
    words = _t5_chunk(parts.tokenizers[1], prompt)
    blank = _t5_chunk(parts.tokenizers[1], "", len(words))
    states, _ = _encoded(t5, _with_blank([words], [blank]), parts.device, layer=None)
    return PromptEmbedding(_weighted(states, [words]), out.pooler_output[:1])


def _clip_chunks(tokenizer: Any, prompt: str) -> list[Chunk]:
    return chunks(
        _numbers(tokenizer, prompt),
        start=tokenizer.bos_token_id,
        end=tokenizer.eos_token_id,
        pad=tokenizer.pad_token_id,
        length=CLIP_LENGTH,
    )


def _t5_chunk(tokenizer: Any, prompt: str, length: int = 0) -> Chunk:
    tokens = [token for word in _numbers(tokenizer, prompt) for token in word]
    length = length or next((n for n in T5_LENGTHS if len(tokens) < n), T5_LENGTHS[-1])
    ended = [*tokens[: length - 1], Token(tokenizer.eos_token_id)]
    return ended + [Token(tokenizer.pad_token_id)] * (length - len(ended))


def _numbers(tokenizer: Any, prompt: str) -> list[Chunk]:
    return [
        [Token(number, weight) for number in _ids(tokenizer, text)]
        for text, weight in pieces(prompt)
    ]


def _ids(tokenizer: Any, text: str) -> list[int]:
    """Long texts are cut by us: the tokenizer is not to warn of it."""
    return tokenizer(text, add_special_tokens=False, verbose=False).input_ids


def _with_blank(read: list[Chunk], blank: list[Chunk]) -> list[Chunk]:
    """The empty prompt comes along, last, where a weight asks for it."""
    return [*read, blank[0]] if _has_weights(read) else read


def _has_weights(read: Sequence[Chunk]) -> bool:
    return any(token.weight != 1.0 for chunk in read for token in chunk)


def _encoded(
    encoder: Any, read: Sequence[Chunk], device: torch.device, *, layer: int | None
) -> tuple[Tensor, Any]:
    """States (chunks, length, width) of a layer, the last by default, and all that came with it."""
    numbers = torch.tensor([[token.number for token in chunk] for chunk in read], device=device)
    out = encoder(numbers, output_hidden_states=layer is not None)
    return out.last_hidden_state if layer is None else out.hidden_states[layer], out


def _weighted(states: Tensor, read: Sequence[Chunk]) -> Tensor:
    """One row of all chunks, each token moved by its weight away from the empty prompt's."""
    if _has_weights(read):
        rows = [[token.weight for token in chunk] for chunk in read]
        weights = torch.tensor(rows, dtype=states.dtype, device=states.device)[..., None]
        states, blank = states[:-1], states[-1:]
        states = torch.where(weights == 1.0, states, blank + weights * (states - blank))
    return states.flatten(0, 1)[None]
