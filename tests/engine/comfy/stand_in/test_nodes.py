"""The stand-in's nodes do to pixels what the real ones do, but for the networks."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from tests.engine.comfy.raw_client import (
    Node,
    RawClient,
    blobs,
    found,
    node,
    png,
    raw_client,
    shown,
)
from tests.engine.comfy.stand_in.files import Folders, load_channel, load_image
from tests.engine.comfy.stand_in.nodes import lama_mask
from tests.engine.comfy.stand_in.painting import LEVELS

RNG = np.random.default_rng(7)


def picture(height: int = 40, width: int = 64) -> np.ndarray:
    return RNG.integers(0, 256, (height, width, 3), np.uint8)


def saved(folders: Folders, content: bytes) -> str:
    return folders.store("input", "", "a.png", content, "true")


def test_eight_bits_go_round_unchanged() -> None:
    every = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    with raw_client() as talk:
        talk.upload("a.png", every)
        assert np.array_equal(talk.pictures(shown(last=node("LoadImage", image="a.png")))[0], every)


def test_a_picture_is_turned_upright_and_split_from_its_alpha(tmp_path) -> None:
    folders = Folders(tmp_path)
    sideways = Image.new("RGBA", (30, 20), (200, 100, 50, 51))
    exif, packed = Image.Exif(), io.BytesIO()
    exif[0x0112] = 6
    sideways.save(packed, "PNG", exif=exif)
    images, masks = load_image(folders.annotated(saved(folders, packed.getvalue())))
    assert images.shape == (1, 30, 20, 3)
    assert masks.shape == (1, 30, 20)
    assert np.allclose(masks, 0.8)
    assert np.allclose(images[0, 0, 0] * 255, (200, 100, 50))


def test_without_alpha_the_mask_is_small_and_black(tmp_path) -> None:
    folders = Folders(tmp_path)
    _, masks = load_image(folders.annotated(saved(folders, png(picture()))))
    assert masks.shape == (1, 64, 64)
    assert not masks.any()


def test_a_mask_is_one_band(tmp_path) -> None:
    folders, image = Folders(tmp_path), picture()
    path = folders.annotated(saved(folders, png(image)))
    assert np.allclose(load_channel(path, "green")[0], image[..., 1] / 255)
    assert not load_channel(path, "alpha").any()


def test_sixteen_bits_become_eight(tmp_path) -> None:
    folders = Folders(tmp_path)
    deep = np.full((8, 9), 0x8080, np.uint16)
    images, _ = load_image(folders.annotated(saved(folders, png(deep))))
    assert np.allclose(images * 255, 0x80)


def test_half_a_file_is_half_black_and_no_error(tmp_path) -> None:
    folders, image = Folders(tmp_path), picture(200, 100)
    content = png(image)
    images, _ = load_image(folders.annotated(saved(folders, content[: len(content) // 2])))
    rows = np.round(images[0] * 255).astype(np.uint8)
    assert np.array_equal(rows[:90], image[:90])
    assert not rows[110:].any()


@pytest.mark.parametrize(("radius", "grown_px"), [(0, 0), (4, 8), (8, 16)])
def test_lama_grows_its_mask_by_blurring(radius: int, grown_px: int) -> None:
    mask = np.zeros((120, 160), np.float32)
    mask[:, 60:100] = 1
    grown = lama_mask(mask, mask.shape, 250, radius, is_inverted=False)
    assert np.flatnonzero(grown[60])[0] == 60 - grown_px


def test_lama_fills_by_the_first_mask_alone() -> None:
    def paint_grey(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
        assert image.shape[0] % 8 == image.shape[1] % 8 == 0
        return np.where(mask[..., None] > 0.5, 0.5, image)

    how = {"mask_threshold": 250, "gaussblur_radius": 0, "invert_mask": False}
    graph = shown(
        i=node("LoadImage", image="i.png"),
        sam=node("LoadSAM3Model"),
        two=found("i"),
        last=node("LamaRemover", images=["i", 0], masks=["two", 0], **how),
    )
    expected = blobs()
    expected[10:30, 10:40] = 127
    with raw_client(fill=paint_grey) as talk:
        talk.upload("i.png", blobs())
        result = talk.pictures(graph)
    assert len(result) == 1
    assert np.array_equal(result[0], expected)


def painting(how: dict[str, object] | None = None, **more: Node) -> dict[str, Node]:
    sampler = {
        "model": ["ck", 0],
        "seed": 5,
        "steps": 2,
        "cfg": 8.0,
        "sampler_name": "euler",
        "scheduler": "normal",
        "positive": ["p", 0],
        "negative": ["n", 0],
        "latent_image": ["e", 0],
        "denoise": 1.0,
    }
    return shown(
        **{
            "i": node("LoadImage", image="i.png"),
            "m": node("LoadImageMask", image="m.png", channel="red"),
            "ck": node("CheckpointLoaderSimple", ckpt_name="sd-v1-5-inpainting.safetensors"),
            "p": node("CLIPTextEncode", text="a dog", clip=["ck", 1]),
            "n": node("CLIPTextEncode", text="", clip=["ck", 1]),
            "e": node(
                "VAEEncodeForInpaint",
                pixels=["i", 0],
                vae=["ck", 2],
                mask=["m", 0],
                grow_mask_by=0,
            ),
            "k": node("KSampler", **sampler | (how or {})),
            "last": node("VAEDecode", samples=["k", 0], vae=["ck", 2]),
        }
        | more
    )


def test_saved_pictures_hold_their_graph_and_are_numbered() -> None:
    graph = {
        "i": node("LoadImage", image="a.png"),
        "s": node("SaveImage", images=["i", 0], filename_prefix="lac/x"),
    }
    more = {"extra_data": {"extra_pnginfo": {"workflow": {"id": 1}}}}
    with raw_client() as talk:
        talk.upload("a.png", picture())
        first = talk.done(graph, **more)["outputs"]["s"]["images"][0]
        talk.server.forget()
        second = talk.done(graph)["outputs"]["s"]["images"][0]
        texts = Image.open(io.BytesIO(talk.fetched(first))).text
        again = talk.done(shown(last=node("LoadImage", image="lac/x_00001_.png [output]")))
    assert first == {"filename": "x_00001_.png", "subfolder": "lac", "type": "output"}
    assert second["filename"] == "x_00002_.png"
    assert json.loads(texts["prompt"]) == graph
    assert json.loads(texts["workflow"]) == {"id": 1}
    assert again["status"]["completed"]


def test_the_rest_of_the_nodes_run_together() -> None:
    """A comparer, the union of masks, a grown mask, and FLUX's loaders and guidance."""
    flux = {
        "ck": node("UNETLoader", unet_name="flux1-fill-dev.safetensors", weight_dtype="default"),
        "lo": node(
            "LoraLoaderModelOnly",
            model=["ck", 0],
            lora_name="tom.safetensors",
            strength_model=0.5,
        ),
        "dd": node("DifferentialDiffusion", model=["lo", 0]),
        "te": node(
            "DualCLIPLoader",
            clip_name1="clip_l.safetensors",
            clip_name2="t5xxl_fp16.safetensors",
            type="flux",
        ),
        "va": node("VAELoader", vae_name="ae.safetensors"),
        "p": node("CLIPTextEncode", text="a dog", clip=["te", 0]),
        "f": node("FluxGuidance", conditioning=["p", 0], guidance=30.0),
        "n": node("ConditioningZeroOut", conditioning=["p", 0]),
        "gm": node("GrowMask", mask=["m", 0], expand=3, tapered_corners=True),
        "u": node("Masks Combine Batch", masks=["gm", 0]),
        "c": node(
            "InpaintModelConditioning",
            positive=["f", 0],
            negative=["n", 0],
            vae=["va", 0],
            pixels=["i", 0],
            mask=["u", 0],
            noise_mask=False,
        ),
        "e": node("SetLatentNoiseMask", samples=["c", 2], mask=["u", 0]),
        "last": node("VAEDecode", samples=["k", 0], vae=["va", 0]),
        "cmp": node("Image Comparer (rgthree)", image_a=["i", 0], image_b=["last", 0]),
    }
    links = {"model": ["dd", 0], "positive": ["c", 0], "negative": ["c", 1], "cfg": 1.0}
    with raw_client() as talk:
        talk.upload("i.png", picture(64, 96))
        talk.upload("m.png", np.pad(np.full((8, 8), 255, np.uint8), ((20, 36), (40, 48))))
        entry = talk.done(painting(links, **flux))
        assert entry["status"]["completed"], entry
        result = pixels_of_output(talk, entry)
        before = talk.pictures(shown(last=node("LoadImage", image="i.png")))[0]
    changed = (np.abs(result.astype(int) - before) > 255 / LEVELS).any(axis=-1)
    assert len(entry["outputs"]["cmp"]["b_images"]) == 1
    assert np.flatnonzero(changed.any(axis=1)).tolist() == list(range(17, 31))


def pixels_of_output(talk: RawClient, entry: dict) -> np.ndarray:
    content = talk.fetched(entry["outputs"]["out"]["images"][0])
    return np.asarray(Image.open(io.BytesIO(content)))
