"""Files of torch are read without torch, and whatever is not a table of tensors is refused."""

import hashlib
import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.light import torch_pickle, weight_names
from engine.light.assembly import assembled, skeleton
from engine.light.protobuf import varint
from engine.light.segmenter import places_of
from engine.light.torch_files import read_torch
from engine.light.weights import read_weights
from engine.models import legacy_torch
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile
from engine.models.safetensors_file import packed, read_arrays, return_pages
from engine.models.weights_torch import check_pickle

NAMES = Path(__file__).with_name("edgetam_names.txt").read_text(encoding="utf-8").split()
TABLE = "vision_encoder.backbone.pos_embed"
TRUNK, BACKBONE = "image_encoder.trunk.body.", "vision_encoder.backbone.timm_model."


def content(path: Path) -> np.ndarray:
    return np.memmap(path, np.uint8, "r")


def archive(path: Path, pickled: bytes, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("made/data.pkl", pickled)
        for name, data in members.items():
            file.writestr(f"made/data/{name[1:]}", data)
    return path


def test_a_state_dict_is_read_as_torch_reads_it(tmp_path: Path):
    torch = pytest.importorskip("torch")
    base = torch.arange(24.0).reshape(4, 6)
    tensors = {
        "plain": base, "view": base[1:3, ::2], "turned": base.T, "half": base.half(),
        "brain": base.bfloat16(), "whole": torch.arange(5), "one": torch.tensor(2.5),
        "parameter": torch.nn.Parameter(base + 1), "none": torch.zeros(0, 3),
    }  # fmt: skip
    torch.save({"model": tensors, "step": 7}, tmp_path / "a.pt")
    found = read_torch(tmp_path / "a.pt", content(tmp_path / "a.pt"))
    assert set(found) == {f"model.{name}" for name in tensors}
    for name, tensor in tensors.items():
        assert found[f"model.{name}"].shape == tuple(tensor.shape)
        np.testing.assert_array_equal(found[f"model.{name}"], tensor.detach().float().numpy())


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_torchscript_is_walked_and_only_a_pinned_file(tmp_path: Path):
    torch = pytest.importorskip("torch")
    inner = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    net = torch.nn.Sequential(inner, torch.nn.ReLU()).eval()
    path = tmp_path / "lama.pt"
    torch.jit.trace(net, torch.rand(1, 2, 4, 4)).save(str(path))
    found = read_torch(path, content(path))
    wanted = {n: t for n, t in net.state_dict().items() if "num_batches" not in n}
    for name, tensor in wanted.items():
        np.testing.assert_array_equal(found[name], tensor.numpy())
    with pytest.raises(ModelUnsafe) as caught:
        read_weights(path, Family.LAMA)
    assert caught.value.reason == "torchscript"
    pinned = frozenset({hashlib.md5(path.read_bytes()).hexdigest()})
    assert read_weights(path, Family.LAMA, pinned=pinned)


@pytest.mark.parametrize(
    "value", [print, np.dtype(np.float32), Path("a"), {"a": complex(1, 2)}, {"a": {1, 2}}]
)
def test_whatever_is_no_table_of_tensors_is_refused(value: object, tmp_path: Path):
    path = archive(tmp_path / "a.pt", pickle.dumps(value, 2))
    with pytest.raises(ModelUnsafe) as caught:
        read_torch(path, content(path))
    assert caught.value.reason == "pickle"


class Stored:
    """Pickles as torch's tensors do."""

    def __init__(self, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
        self.given = offset, shape, strides


def tensor_archive(path: Path, tensors: dict[str, Stored], floats: int = 6) -> Path:
    """Written with opcodes: `c` names, `Q` calls for a storage, `R` calls."""
    out = io.BytesIO()
    out.write(b"\x80\x02}(")
    for name, tensor in tensors.items():
        out.write(b"X" + len(name).to_bytes(4, "little") + name.encode())
        out.write(
            b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
        )
        out.write(b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK" + bytes([floats]) + b"tQ")
        offset, shape, strides = tensor.given
        for number in (offset,):
            out.write(b"K" + bytes([number]))
        for sides in (shape, strides):
            out.write(b"(" + b"".join(b"K" + bytes([side]) for side in sides) + b"t")
        out.write(b"\x89}tR")
    out.write(b"u.")
    return archive(path, out.getvalue(), _0=np.arange(floats, dtype="<f4").tobytes())


def test_views_of_one_storage(tmp_path: Path):
    path = tensor_archive(tmp_path / "a.pt", {"a": Stored(1, (2, 2), (1, 2))})
    np.testing.assert_array_equal(read_torch(path, content(path))["a"], [[1, 3], [2, 4]])


@pytest.mark.parametrize(
    "tensor",
    [
        Stored(0, (7,), (1,)),
        Stored(4, (3,), (1,)),
        Stored(0, (2, 3), (1,)),
        Stored(0, (9, 9), (0, 0)),
    ],
)
def test_tensors_stay_within_their_storage(tensor: Stored, tmp_path: Path):
    path = tensor_archive(tmp_path / "a.pt", {"a": tensor})
    with pytest.raises(ModelUnreadable) as caught:
        read_torch(path, content(path))
    assert caught.value.reason == "damaged"


def test_limits_of_what_a_file_may_ask_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    names = {f"t{number}": Stored(0, (6,), (1,)) for number in range(9)}
    path = tensor_archive(tmp_path / "a.pt", names)
    assert len(read_torch(path, content(path))) == 9
    monkeypatch.setattr(torch_pickle, "MAX_ELEMENTS", 0)
    with pytest.raises(ModelUnsafe, match="share"):
        read_torch(path, content(path))
    monkeypatch.setattr(torch_pickle, "MAX_PICKLE", 10)
    with pytest.raises(ModelUnsafe, match="of pickle"):
        read_torch(path, content(path))


def test_a_file_that_ends_early_is_damaged(tmp_path: Path):
    path = tensor_archive(tmp_path / "a.pt", {"a": Stored(0, (6,), (1,))})
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises((ModelUnreadable, ModelUnsafe)):
        read_weights(path, Family.EDGETAM)


def test_the_official_names_of_edgetam_are_those_of_the_graphs():
    wanted = {**skeleton("edgetam").shapes, **skeleton("sam_decoder").shapes}
    trunk = [TRUNK + n.removeprefix(BACKBONE) for n in wanted if n.startswith(BACKBONE)]
    found = weight_names.sam({f"model.{n}": np.zeros((1, 1)) for n in (*NAMES, *trunk)})
    assert set(wanted) <= set(found)
    assert found["prompt_encoder.point_embed.weight"].shape == (4, 1)
    assert "shared_image_embedding.positional_embedding" in found


@pytest.mark.parametrize("prefix", ["model.", "generator.model.", "model.model.", ""])
def test_lama_is_found_behind_any_prefix(prefix: str):
    shapes = skeleton("lama").shapes
    theirs = {prefix + name.removeprefix("model."): np.zeros(1) for name in shapes}
    theirs |= {"discriminator.model.0.weight": np.zeros(1)} if prefix else {}
    assert set(shapes) <= set(weight_names.lama(theirs))


def test_migan_is_found_behind_a_prefix():
    shapes = skeleton("migan").shapes
    assert set(shapes) <= set(weight_names.migan({f"generator.{n}": np.zeros(1) for n in shapes}))


def test_arrays_come_back_as_they_were(tmp_path: Path):
    arrays = {"a": np.arange(6, dtype=np.float16).reshape(2, 3), "b": np.array([True, False])}
    (tmp_path / "a.safetensors").write_bytes(packed(arrays))
    found = read_arrays(tmp_path / "a.safetensors")
    assert {name: array.dtype for name, array in found.items()} == {
        name: array.dtype for name, array in arrays.items()
    }
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())


def test_a_model_is_its_graph_with_its_tensors_behind(tmp_path: Path):
    onnx = pytest.importorskip("onnx")
    graph = skeleton("migan")
    weights = {name: np.full(shape, 2, np.float16) for name, shape in graph.shapes.items()}
    made = assembled(graph, weights, tmp_path)
    tensors = onnx.load_from_string(made.model).graph.initializer
    assert {tensor.name: tuple(tensor.dims) for tensor in tensors} == graph.shapes
    inside = [t for t in tensors if t.data_location != onnx.TensorProto.EXTERNAL]
    assert {t.name for t in tensors} - {t.name for t in inside} == set(made.tensors)
    found = [*map(onnx.numpy_helper.to_array, inside), *made.tensors.values()]
    assert all(array.dtype == np.float32 and (array == 2).all() for array in found)
    with pytest.raises(ModelUnreadable, match="fromrgb"):
        assembled(graph, {k: v for k, v in weights.items() if "fromrgb.weight" not in k}, tmp_path)


def test_numbers_of_protobuf():
    assert [varint(n) for n in (0, 1, 127, 128, 300)] == [
        b"\0", b"\x01", b"\x7f", b"\x80\x01", b"\xac\x02",
    ]  # fmt: skip


def sam_file() -> ModelFile:
    return ModelFile(
        path=Path("sam.safetensors"),
        kind=Kind.SEGMENTER,
        family=Family.SAM2,
        name="sam",
        title="SAM",
    )


def test_the_places_of_sam_are_one_table_enlarged_and_one_tiled():
    coarse = np.broadcast_to(np.array([1, -2], np.float32)[None, :, None, None], (1, 2, 7, 7))
    window = np.random.default_rng(0).normal(size=(1, 2, 8, 8)).astype(np.float32)
    weights = {TABLE: coarse, f"{TABLE}_window": window}
    found = places_of(weights, sam_file())
    assert found.shape == (1, 256, 256, 2)
    np.testing.assert_allclose(found[0, 8:16, 248:, 0], 1 + window[0, 0], atol=1e-5)
    np.testing.assert_allclose(found[0, 40:48, :8, 1], -2 + window[0, 1], atol=1e-5)


def test_the_coarse_table_of_places_is_enlarged_as_torch_does_it():
    torch = pytest.importorskip("torch")
    bent = np.random.default_rng(0).normal(size=(1, 2, 7, 7)).astype(np.float32)
    enlarged = torch.nn.functional.interpolate(
        torch.from_numpy(bent), size=(256, 256), mode="bicubic"
    ).numpy()
    window = np.zeros((1, 2, 8, 8), np.float32)
    found = places_of({TABLE: bent, f"{TABLE}_window": window}, sam_file())
    np.testing.assert_allclose(found[0].transpose(2, 0, 1), enlarged[0], atol=1e-4)


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {"": (1, 2, 7, 7)},
        {"_window": (1, 2, 8, 8)},
        {"": (1, 2, 7, 7), "_window": (1, 2, 4, 4)},
        {"": (1, 2, 7, 7), "_window": (1, 3, 8, 8)},
    ],
)
def test_tables_of_places_that_are_missing_or_of_another_shape_are_refused(
    shapes: dict[str, tuple[int, ...]],
):
    weights = {TABLE + end: np.zeros(shape, np.float32) for end, shape in shapes.items()}
    with pytest.raises(ModelUnreadable, match="pos_embed"):
        places_of(weights, sam_file())


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="pages are not told here")
def test_pages_are_returned_and_read_again(tmp_path: Path):
    numbers = np.arange(100_000, dtype=np.float32)
    path = tmp_path / "a.safetensors"
    path.write_bytes(packed({"one": numbers, "two": numbers + 1}))
    weights = read_arrays(path)
    for array in weights.values():
        array.sum()
    assert resident_kb(path) > 0
    return_pages({**weights, "own": numbers})
    assert resident_kb(path) == 0
    np.testing.assert_array_equal(weights["one"], numbers)
    np.testing.assert_array_equal(weights["two"], numbers + 1)


def resident_kb(path: Path) -> int:
    """The kilobytes of a mapped file that are in this process's memory."""
    mapped = Path("/proc/self/smaps").read_text(encoding="utf-8").partition(str(path))[2]
    return int(mapped.partition("\nRss:")[2].split()[0])


def legacy_file(path: Path) -> dict[str, np.ndarray]:
    """A state dict in the layout of before 2020, and what it holds."""
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Conv2d(2, 3, 1), torch.nn.BatchNorm2d(3))
    base = torch.arange(24.0).reshape(4, 6)
    table = {**net.state_dict(), "view": base[1:3, ::2], "turned": base.T, "none": base[:0]}
    torch.save(table, path, _use_new_zipfile_serialization=False)
    return {name: tensor.float().numpy() for name, tensor in table.items()}


def test_a_file_of_before_2020_is_read_as_torch_reads_it(tmp_path: Path):
    path = tmp_path / "a.pth"
    wanted = legacy_file(path)
    assert check_pickle(path).layout == "torch-legacy"
    assert {n: t.shape for n, t in check_pickle(path).tensors.items()} == {
        name: array.shape for name, array in wanted.items()
    }
    found = read_torch(path, content(path))
    assert set(found) == set(wanted)
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("length", [1, 13, 60, 200, 900, -200, -60, -1])
def test_a_file_of_before_2020_that_ends_early_is_refused(length: int, tmp_path: Path):
    path = tmp_path / "a.pth"
    legacy_file(path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises((ModelUnreadable, ModelUnsafe)):
        read_torch(path, content(path))


def test_an_old_pickle_that_names_more_than_tensors_is_refused(tmp_path: Path):
    path = tmp_path / "a.pth"
    legacy_file(path)
    whole = path.read_bytes()
    for known, other in ((b"collections\nOrderedDict", b"collections\nUserDict..."),):
        path.write_bytes(whole.replace(known, other))
        for read in (check_pickle, lambda path: read_torch(path, content(path))):
            with pytest.raises(ModelUnsafe) as caught:
                read(path)
            assert caught.value.reason == "pickle"


def test_limits_of_an_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.pth"
    legacy_file(path)
    monkeypatch.setattr(legacy_torch, "MAX_KEYS", 2)
    with pytest.raises(ModelUnsafe, match="storages"):
        read_torch(path, content(path))
    monkeypatch.setattr(legacy_torch, "MAX_PICKLE", 400)
    with pytest.raises(ModelUnsafe, match="of pickle"):
        read_torch(path, content(path))
