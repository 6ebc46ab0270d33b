"""The graphs against the modules that they are made of, on the same random weights."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")
pytest.importorskip("timm")

from engine.jobs.operations import Encode, Fill, MaskLogits, Salient  # noqa: E402
from engine.light.assembly import skeleton  # noqa: E402
from engine.light.executor import LightExecutor  # noqa: E402
from engine.light.segmenter import LEVELS  # noqa: E402
from engine.models.families import Family  # noqa: E402
from engine.models.identify import identify  # noqa: E402
from engine.models.model_file import ModelFile  # noqa: E402
from engine.models.safetensors_file import packed  # noqa: E402
from tests.engine.light import export_light, networks  # noqa: E402
from tests.engine.light.random_weights import model_at  # noqa: E402
from tests.engine.light.subject_nets import IsNet, U2NetP  # noqa: E402
from tests.engine.light.test_executor import Job, picture, question  # noqa: E402

SEED = 3
QUICK = ("migan", "u2netp")  # to export; the others take up to a minute
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def written(net: Any, path: Path, family: Family) -> ModelFile:
    path.write_bytes(packed({n: t.numpy() for n, t in net.state_dict().items()}))
    return model_at(path, family)


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in QUICK else pytest.mark.full) for n in networks.GRAPHS],
)
def test_a_fresh_export_with_other_weights_is_the_graph_that_ships(name: str):
    found = export_light.exported(networks.GRAPHS[name](SEED))
    table = json.loads((export_light.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert found.table["tensors"] == table["tensors"]
    if found.table["made_with"] == table["made_with"]:
        graph = gzip.decompress((export_light.FOLDER / f"{name}.onnx.gz").read_bytes())
        assert found.skeleton == graph


def test_no_weights_ship():
    for name in networks.GRAPHS:
        assert len(gzip.compress(skeleton(name).model)) < 70_000


def parity(net: Any, model: ModelFile) -> None:
    """Encoder and decoder, each kind of question; logits within 1e-3 and masks alike."""
    executor, pixels = LightExecutor(), picture()
    executor.perform(Encode(model=model, key="picture", pixels=pixels), Job())
    levels = [torch.tensor(level) for level in encoded(executor, model)]
    with torch.inference_mode():
        shares = torch.tensor(pixels).permute(2, 0, 1)[None].float() / 255
        mean, deviation = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, DEVIATION))
        wanted = networks.SamEncoder(net)((shares - mean) / deviation)
    for level, want in zip(levels, wanted):
        assert float((level - want).abs().max()) < 1e-3 * max(1.0, float(want.abs().max()))
    for changes in questions():
        found = executor.perform(question(model, **changes), Job())
        assert isinstance(found, MaskLogits)
        compare(found, asked(net, levels, question(model, **changes)))


def encoded(executor: LightExecutor, model: ModelFile) -> tuple[Any, ...]:
    found: Any = executor._embeddings.get(model, "picture", lambda _: pytest.fail("not kept"))
    assert tuple(level.shape for level in found.levels) == LEVELS
    return found.levels


def questions() -> list[dict[str, Any]]:
    random = np.random.default_rng(1)
    box = np.array([0.1, 0.2, 0.7, 0.8], np.float32)
    previous = 40 * random.standard_normal((256, 256)).astype(np.float32)
    nothing = {"points": np.zeros((0, 2), np.float32), "labels": np.zeros(0, np.int64)}
    many = {"points": random.random((9, 2), np.float32), "labels": np.arange(9) % 2}
    prompts = ({}, many, {"box": box}, {"box": box, **nothing}, {"previous": previous})
    both = [{"several": several, **each} for each in prompts for several in (True, False)]
    return [*both, {"previous": previous, **nothing}, {"box": box, "previous": previous, **many}]


def asked(net: Any, levels: list[Any], request: Any) -> Any:
    """The answer of the class of transformers."""
    given: dict[str, Any] = {}
    if len(request.points):
        given["input_points"] = torch.tensor(request.points * 1024)[None, None]
        given["input_labels"] = torch.tensor(request.labels)[None, None]
    if request.box is not None:
        given["input_boxes"] = torch.tensor(request.box * 1024)[None, None]
    if request.previous is not None:
        given["input_masks"] = torch.tensor(np.clip(request.previous, -32, 32))[None, None]
    with torch.inference_mode():
        return net(image_embeddings=levels, multimask_output=request.several, **given)


def compare(found: MaskLogits, wanted: Any) -> None:
    order = wanted.iou_scores[0, 0].argsort(descending=True, stable=True)
    masks, scores = wanted.pred_masks[0, 0, order].numpy(), wanted.iou_scores[0, 0, order].numpy()
    np.testing.assert_allclose(found.logits, masks, atol=1e-3)
    np.testing.assert_allclose(found.scores, scores, atol=1e-4)
    one, other = found.logits > 0, masks > 0
    assert (one & other).sum() >= 0.999 * (one | other).sum()


def test_edgetam_answers_like_torch(tmp_path: Path):
    net = networks.edgetam(SEED)
    parity(net, written(net, tmp_path / "edgetam.safetensors", Family.EDGETAM))


@pytest.mark.full
@pytest.mark.parametrize("size", networks.SAM2)
def test_sam2_answers_like_torch(size: str, tmp_path: Path):
    net = networks.sam2(size, SEED)
    parity(net, written(net, tmp_path / "sam2.safetensors", Family.SAM2))


def test_sam2_and_edgetam_share_the_decoder():
    found = export_light.exported(networks.decoder_graph(networks.sam2("tiny", SEED)))
    table = json.loads((export_light.FOLDER / "sam_decoder.json").read_text(encoding="utf-8"))
    assert found.table["tensors"] == table["tensors"]
    if found.table["made_with"] == table["made_with"]:
        assert found.skeleton == skeleton("sam_decoder").model


Hole = tuple[slice, slice]


def quarter(size: tuple[int, int]) -> Hole:
    return slice(size[0] // 4, size[0] // 2), slice(size[1] // 4, size[1] // 2)


def filled(
    executor: LightExecutor,
    net: Any,
    model: ModelFile,
    ask: Callable[..., Any],
    size: tuple[int, int],
    *holes: Hole,
) -> None:
    """Within one level of the module's answer, wherever the hole is."""
    image, mask = picture()[: size[0], : size[1]], np.zeros(size, np.uint8)
    for hole in holes or (quarter(size),):
        mask[hole] = 255
    found: Any = executor.perform(Fill(model=model, image=image, mask=mask), Job())
    with torch.inference_mode():
        pixels = torch.tensor(image).permute(2, 0, 1)[None].float()
        hole = torch.tensor(mask)[None, None].float() / 255
        wanted = ask(net, pixels, hole)[0].permute(1, 2, 0).numpy()
    inside = mask > 0
    assert np.abs(found[inside] - np.clip(wanted[inside], 0, 255)).max() <= 1
    assert found[inside].std() > 1


def test_lama_fills_like_torch_wherever_the_hole_is(tmp_path: Path):
    net, executor = networks.lama(SEED), LightExecutor()
    model = written(net, tmp_path / "lama.safetensors", Family.LAMA)

    def ask(net: Any, pixels: Any, hole: Any) -> Any:
        return 255 * net(pixels / 255, hole)

    filled(executor, net, model, ask, (64, 80))
    filled(executor, net, model, ask, (128, 192))
    inner, corner = (slice(47, 56), slice(63, 74)), (slice(119, 128), slice(176, 192))
    for holes in ([inner], [corner], [(slice(0, 3), slice(0, 9))], [inner, corner]):
        filled(executor, net, model, ask, (128, 192), *holes)


def test_migan_fills_like_torch(tmp_path: Path):
    net = networks.migan(SEED)

    def ask(net: Any, pixels: Any, hole: Any) -> Any:
        return 127.5 * (net(torch.cat([0.5 - hole, (pixels / 127.5 - 1) * (1 - hole)], 1)) + 1)

    model = written(net, tmp_path / "migan.safetensors", Family.MIGAN)
    filled(LightExecutor(), net, model, ask, (512, 512))


def seen(net: Any, model: ModelFile, pixels: Any, values: Any) -> None:
    """Within 1e-3 of the module's plane, which is neither flat nor full."""
    found: Any = LightExecutor().perform(Salient(model=model, pixels=pixels), Job())
    with torch.inference_mode():
        wanted = net(torch.tensor(values).permute(2, 0, 1)[None].float())[0, 0].numpy()
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 1
    assert found.std() > 1e-3
    np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_the_small_u2net_sees_like_torch(tmp_path: Path):
    """The lightest level counts as 1; also from the layout of before 2020."""
    net, pixels = networks.subject(U2NetP, SEED), np.minimum(picture()[:320, :320], 200)
    path = tmp_path / "u2netp.pth"
    torch.save(net.state_dict(), path, _use_new_zipfile_serialization=False)
    shares = pixels / pixels.max()
    values = (shares - np.array(MEAN)) / np.array(DEVIATION)
    model = identify(path)
    assert model.family is Family.U2NETP
    seen(net, model, pixels, values)


@pytest.mark.full
def test_isnet_sees_like_torch(tmp_path: Path):
    net, pixels = networks.subject(IsNet, SEED), picture()
    path = tmp_path / "isnet.pth"
    torch.save(net.state_dict(), path)
    model = identify(path)
    assert model.family is Family.ISNET
    seen(net, model, pixels, pixels / 255 - 0.5)
