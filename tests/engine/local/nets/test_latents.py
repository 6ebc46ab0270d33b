"""Tiles, tokens, masks and previews."""

import dataclasses
from unittest import mock

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import Cancelled
from engine.local.nets.diffusion import latents, previews
from engine.local.nets.diffusion.sample import paint
from engine.models.families import Family
from tests.engine.local.nets.tiny_parts import PLAN, Job, operation, parts, picture


def test_flux_tokens_are_squares_of_four():
    grid = torch.arange(2 * 4 * 6.0).view(1, 2, 4, 6)
    tokens = latents.pack(grid)
    assert tokens.shape == (1, 6, 8)
    assert tokens[0, 0].tolist() == [0, 1, 6, 7, 24, 25, 30, 31]
    assert tokens[0, 3].tolist() == [12, 13, 18, 19, 36, 37, 42, 43]
    assert torch.equal(latents.unpack(tokens, 4, 6), grid)


def test_a_latent_may_change_as_much_as_its_freest_pixel():
    mask = np.zeros((16, 24), np.uint8)
    mask[3, 17] = 51
    mask[8:, :8] = 255
    found = latents.cells(mask, 8, torch.device("cpu"))[0, 0]
    assert found.tolist() == [[0.0, 0.0, pytest.approx(0.2)], [1.0, 0.0, 0.0]]


@pytest.mark.parametrize(("height", "width"), [(64, 64), (65, 200), (20, 130), (100, 70)])
def test_tiles_of_something_local_add_up_to_the_whole(height: int, width: int):
    """Up: every value becomes a square; down: the mean of a square."""
    job = Job()
    whole = torch.rand(1, 2, height, width)
    up = latents._tiled(nn.Upsample(scale_factor=8), whole, (1, 8), job, "decode")
    torch.testing.assert_close(up, nn.Upsample(scale_factor=8)(whole))
    down = latents._tiled(nn.AvgPool2d(8), up, (8, 1), job, "encode")
    torch.testing.assert_close(down, whole)
    assert len(job.reports) == 2 * _tiles(height) * _tiles(width)


def _tiles(length: int) -> int:
    return 1 + max(0, -(-(length - 64) // 48))


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """A canvas of 12 x 8 latents is two tiles."""
    monkeypatch.setattr(latents, "TILE", 8)
    monkeypatch.setattr(latents, "OVERLAP", 2)


TILED = dataclasses.replace(PLAN, tiling=True)


@pytest.mark.usefixtures("small_tiles")
def test_a_picture_in_tiles():
    loaded, op = parts(Family.SD15), operation(Family.SD15, strength=0.0)
    with mock.patch.object(loaded.vae, "decode", wraps=loaded.vae.decode) as decode:
        pieces = paint(loaded, op, TILED, Job())
    assert [call.args[0].shape[2:] for call in decode.call_args_list] == [(8, 8)] * 2
    assert pieces.image.shape == op.image.shape
    whole = paint(loaded, op, PLAN, Job())
    corner = (slice(None), slice(0, 8))  # norms see a tile only: near, not equal
    assert np.corrcoef(pieces.image[corner].ravel(), whole.image[corner].ravel())[0, 1] > 0.6


@pytest.mark.usefixtures("small_tiles")
def test_stopped_between_tiles():
    class Stopping(Job):
        def report(self, fraction, note="", preview=None):
            super().report(fraction, note, preview)
            if [n for _, n, _ in self.reports].count("decode") == 3:
                raise Cancelled

    loaded = parts(Family.SD15)
    with mock.patch.object(loaded.vae, "decode", wraps=loaded.vae.decode) as decode:
        with pytest.raises(Cancelled):
            paint(loaded, operation(Family.SD15), TILED, Stopping())
        assert decode.call_count == 1


def test_a_preview_is_exact_for_a_linear_code():
    """Colours mixed into four channels: the map back is found, for colours the crop lacks too."""
    mix = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))

    def code(image: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        pixels = latents.pixels_of(image, torch.device("cpu"))
        cells = torch.nn.functional.avg_pool2d(pixels, 8)
        return torch.einsum("bchw,cd->bdhw", cells, mix) + 0.3, pixels

    grey = np.repeat(picture()[..., :1], 3, axis=2)
    colours = previews.fitted(
        previews.measured(*code(grey)), previews.measured(*code(previews.chart()))
    )
    shown = previews.drawn(code(picture(3))[0], colours)
    assert np.abs(shown.astype(int) - picture(3)[::8, ::8]).max() <= 1


def test_the_chart_has_colours_of_all_kinds():
    chart = previews.chart()
    assert chart.shape == (previews.CHART_PX, previews.CHART_PX, 3)
    assert (chart.reshape(-1, 3).std(0) > 40).all()
    assert np.abs(np.corrcoef(chart.reshape(-1, 3).T) - np.eye(3)).max() < 0.3
