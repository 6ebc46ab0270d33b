"""Projects come back byte for byte, OpenRaster readers open them, hostile ones are refused."""

import io
import json
import resource
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil
from PIL import ImageCms

from app.document.document import Document
from app.document.history import History
from app.document.named_masks import NamedMask
from app.document.tiles import PackedMask
from app.project import project
from app.serialization import exact_png as png
from engine.errors import (
    Cancelled,
    DiskFull,
    ImageTooLarge,
    ProjectTooLarge,
    ProjectUnreadable,
)
from engine.geometry import Size
from engine.image_io.limits import Limits
from engine.picture import Metadata
from tests.support.documents import (
    KINDS,
    document,
    fingerprint,
    painting,
    picture,
    random_edit,
    variant,
)
from tests.support.recording import full_disk

ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def edited(kind: str = "rgb8", size: Size = Size(600, 300), seed: int = 1) -> Document:  # noqa: B008
    ours, random = document(kind, size, seed), np.random.default_rng(seed)
    with closing(History(ours)) as history:
        for _ in range(12):
            random_edit(ours, history, random)
        history.add_variant(variant(random, ours))
        history.add_variant(painting(random, ours))
    return ours


def saved(tmp_path: Path, ours: Document) -> Path:
    path = tmp_path / "a.lacuna"
    project.save(ours.lease(), path)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_a_project_comes_back_byte_for_byte(kind: str, tmp_path: Path):
    ours = edited(kind)
    back = project.load(saved(tmp_path, ours))
    assert fingerprint(back) == fingerprint(ours)
    assert back.revision == ours.revision
    everything = ours.edited_rects[0].union(ours.edited_rects[-1])
    assert (back.original_view(everything) == ours.original_view(everything)).all()


def test_profile_and_metadata_come_back(tmp_path: Path):
    source = replace(
        picture("rgb16"),
        icc=ICC,
        format="tiff",
        notes=("first-frame",),
        metadata=Metadata(
            exif=b"MM\0*", xmp=b"<x/>", iptc=b"\x1c\2", dpi=(300.0, 299.5), text=(("a", "☃"),)
        ),
    )
    ours = Document.from_picture(source)
    back = project.load(saved(tmp_path, ours))
    assert fingerprint(back) == fingerprint(ours)


def test_saving_twice_gives_the_same_bytes(tmp_path: Path):
    ours = edited()
    first = saved(tmp_path, ours).read_bytes()
    assert saved(tmp_path, ours).read_bytes() == first


def test_it_is_an_openraster_file(tmp_path: Path):
    ours = edited("rgb16")
    ours.marks = replace(
        ours.marks, named=(NamedMask('<"&\u202e\x01 Cat', PackedMask.of(ours.mask), True),)
    )
    path = saved(tmp_path, ours)
    assert path.read_bytes()[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(path) as archive:
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
        layers = ElementTree.fromstring(archive.read("stack.xml")).findall("./stack/layer")
        for layer in layers:
            with Pil.open(io.BytesIO(archive.read(layer.attrib["src"]))) as image:
                image.load()
                assert image.size == ours.size
        visible = [
            layer.attrib["name"] for layer in layers if layer.attrib["visibility"] != "hidden"
        ]
        assert visible == ["Picture"]
        assert layers[0].attrib["name"] == '<"& Cat'
        assert layers[-1].attrib["name"] == "Original"
        with Pil.open(io.BytesIO(archive.read("mergedimage.png"))) as image:
            assert (np.asarray(image) == ours.view).all()
        with Pil.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))) as image:
            assert max(image.size) == 256


def test_an_openraster_file_of_others_opens_with_its_merged_image(tmp_path: Path):
    pixels, path = picture("rgba8").pixels, tmp_path / "krita.ora"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "image/openraster")
        archive.writestr("stack.xml", "<image/>")
        archive.writestr("mergedimage.png", png.encode(pixels))
        archive.writestr("data/layer0.png", b"not looked at")
    assert (project.load(path).native == pixels).all()


def test_a_cancelled_or_failed_save_keeps_the_old_file(tmp_path: Path):
    path = saved(tmp_path, edited(seed=1))
    before, ours = path.read_bytes(), edited(seed=2)

    def cancel(fraction: float, _note: str) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        project.save(ours.lease(), path, cancel)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("room_bytes", [1, 200, 20_000, 300_000])
def test_a_full_disk_keeps_the_old_file(room_bytes: int, tmp_path: Path):
    path = tmp_path / "cat.lacuna"
    project.save(document().lease(), path)
    old = path.read_bytes()
    with full_disk(room_bytes), pytest.raises(DiskFull):
        project.save(document(size=Size(500, 300)).lease(), path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_progress_grows_to_one(tmp_path: Path):
    seen: list[float] = []
    project.save(edited().lease(), tmp_path / "a.lacuna", lambda part, _note: seen.append(part))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_save_sees_the_moment_of_its_lease(tmp_path: Path):
    ours = edited()
    lease, before = ours.lease(), fingerprint(ours)
    with closing(History(ours)) as history:
        for seed in range(5):
            random_edit(ours, history, np.random.default_rng(seed))
    project.save(lease, tmp_path / "a.lacuna")
    assert fingerprint(project.load(tmp_path / "a.lacuna")) == before


def test_missing_files_and_other_files_say_so(tmp_path: Path):
    for content, reason in ((None, "missing"), (b"", "damaged"), (b"PK\5\6" * 9, "damaged")):
        path = tmp_path / "x.lacuna"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ProjectUnreadable) as caught:
            project.load(path)
        assert caught.value.reason == reason


# --- hostile files


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, content: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


def refused(
    path: Path, error: type[Exception] | tuple[type[Exception], ...] = ProjectUnreadable
) -> Exception:
    """Refused within a second of CPU and 256 MB."""
    start, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(error) as caught:
        project.load(path)
    assert time.process_time() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 256_000
    return caught.value


@pytest.fixture
def good(tmp_path: Path) -> dict[str, bytes]:
    return members(saved(tmp_path, edited(size=Size(200, 120))))


SLIPS = (
    "../evil.png",
    "/evil.png",
    "C:\\evil.png",
    "data/../../evil.png",
    "..\\evil.png",
    "data/\0evil.png",
    "data/evil.png/",
)


@pytest.mark.parametrize("name", SLIPS)
def test_nothing_is_written_or_read_outside(name: str, good: dict[str, bytes], tmp_path: Path):
    """An odd member is as good as absent, also when the manifest asks for it."""
    inner = tmp_path / "inner"
    inner.mkdir()
    path = packed(inner / "slip.lacuna", {**good, name: b"evil"})
    project.load(path)
    form = json.loads(good["lacuna.json"])
    form["marks"]["named"] = [{"name": "a", "visible": True, "mask": name}]
    refused(packed(path, {**good, name: b"evil", "lacuna.json": json.dumps(form).encode()}))
    assert list(inner.iterdir()) == [path]
    assert not (tmp_path / "evil.png").exists()


def test_a_symbolic_link_is_not_followed(good: dict[str, bytes], tmp_path: Path):
    path = tmp_path / "link.lacuna"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in good.items():
            member = zipfile.ZipInfo(name)
            if name == "data/mask.png":
                member.external_attr, data = 0o120777 << 16, b"/etc/passwd"
            archive.writestr(member, data)
    refused(path)


@pytest.mark.parametrize("name", ["lacuna.json", "data/picture.png", "mergedimage.png"])
def test_bombs_are_refused(name: str, good: dict[str, bytes], tmp_path: Path):
    content = {**good, name: bytes(256_000_000)}
    if name == "mergedimage.png":
        del content["lacuna.json"]
    path = packed(tmp_path / "bomb.lacuna", content, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 700_000
    refused(path, (ProjectUnreadable, ProjectTooLarge, ImageTooLarge))


def test_an_openraster_file_of_others_may_not_have_ten_thousand_members(
    good: dict[str, bytes], tmp_path: Path
):
    many = {f"data/m{index}.png": b"" for index in range(10_000)}
    refused(packed(tmp_path / "many.ora", {**good, **many}), ProjectTooLarge)


def test_sizes_that_lie_are_refused(good: dict[str, bytes], tmp_path: Path):
    path = packed(tmp_path / "lies.lacuna", good, zipfile.ZIP_DEFLATED)
    honest = path.read_bytes()
    at = honest.index(b"PK\1\2", honest.rindex(b"data/picture.png") - 60)
    for size in (0, 10, 2**31, 2**32 - 2):
        lying = bytearray(honest)
        struct.pack_into("<I", lying, at + 24, size)
        path.write_bytes(lying)
        refused(path, (ProjectUnreadable, ProjectTooLarge, ImageTooLarge))


def test_a_picture_of_another_size_is_not_unpacked(good: dict[str, bytes], tmp_path: Path):
    huge = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    header = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + huge + struct.pack(">I", zlib.crc32(b"IHDR" + huge))
    refused(packed(tmp_path / "a.lacuna", {**good, "data/picture.png": header + bytes(99)}))
    form = json.loads(good["lacuna.json"])
    form["size"] = [30_000, 30_000]
    content = {**good, "lacuna.json": json.dumps(form).encode(), "data/picture.png": header}
    error = refused(packed(tmp_path / "a.lacuna", content), ImageTooLarge)
    assert isinstance(error, ImageTooLarge)
    assert (error.what, error.limit) == ("pixels", Limits().pixels)


def test_a_missing_or_doubled_manifest_is_refused(good: dict[str, bytes], tmp_path: Path):
    path = tmp_path / "a.lacuna"
    without = {name: data for name, data in good.items() if name not in ("lacuna.json", "mimetype")}
    refused(packed(path, without))
    with pytest.warns(UserWarning), zipfile.ZipFile(path, "w") as archive:  # noqa: PT030, PT031
        for name, data in [*good.items(), ("lacuna.json", good["lacuna.json"])]:
            archive.writestr(name, data)
    refused(path)


def test_a_newer_version_says_so(good: dict[str, bytes], tmp_path: Path):
    form = json.loads(good["lacuna.json"])
    form["version"] = 99
    path = packed(tmp_path / "a.lacuna", {**good, "lacuna.json": json.dumps(form).encode()})
    error = refused(path)
    assert isinstance(error, ProjectUnreadable)
    assert error.reason == "newer"


def broken(change: Callable[[dict[str, object]], object], good: dict[str, bytes]) -> bytes:
    form = json.loads(good["lacuna.json"])
    change(form)
    return json.dumps(form).encode()


@pytest.mark.parametrize(
    "manifest",
    [
        b"[" * 100_000,
        b"\xff\xfe",
        b"null",
        b'{"format": "lacuna", "version": 1, "size": [0, 5]}',
        b'{"format": "lacuna", "version": 1, "size": [true, -5]}',
        b'{"format": "lacuna", "version": NaN}',
    ],
)
def test_manifests_that_make_no_sense(manifest: bytes, good: dict[str, bytes], tmp_path: Path):
    refused(packed(tmp_path / "a.lacuna", {**good, "lacuna.json": manifest}))


STRANGE = (None, True, -1, 2**70, 1.5, float("nan"), "", "../x", "data/mask.png", [], {}, [[]] * 4)


@given(seed=st.integers(0, 2**32))
def test_strange_manifests_raise_only_what_is_declared(
    seed: int, tmp_path_factory: pytest.TempPathFactory
):
    random = np.random.default_rng(seed)
    small_project(tmp_path_factory)
    content = members(tmp_path_factory.getbasetemp() / "small.lacuna")
    form = json.loads(content["lacuna.json"])
    for _ in range(int(random.integers(1, 4))):
        spoil(form, random)
    content["lacuna.json"] = json.dumps(form).encode()
    path = packed(tmp_path_factory.getbasetemp() / "strange.lacuna", content)
    with suppress(ProjectUnreadable, ProjectTooLarge, ImageTooLarge):
        project.load(path)


def spoil(form: dict[str, object], random: np.random.Generator) -> None:
    """Put something strange somewhere into the tree."""
    at: dict[str, object] | list[object] = form
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return
        key = keys[int(random.integers(len(keys)))]
        inner = at[key]
        if isinstance(inner, dict | list) and inner and random.random() < 0.8:
            at = inner
        else:
            at[key] = deepcopy(STRANGE[int(random.integers(len(STRANGE)))])
            return


@given(seed=st.integers(0, 2**32))
def test_damaged_projects_raise_only_what_is_declared(
    seed: int, tmp_path_factory: pytest.TempPathFactory
):
    random = np.random.default_rng(seed)
    data = bytearray(small_project(tmp_path_factory))
    for _ in range(int(random.integers(1, 12))):
        at = int(random.integers(len(data)))
        match int(random.integers(3)):
            case 0:
                data[at] = int(random.integers(256))
            case 1:
                del data[at : at + int(random.integers(1, 40))]
            case _:
                data[at:at] = random.bytes(int(random.integers(1, 9)))
    path = tmp_path_factory.getbasetemp() / "fuzzed.lacuna"
    path.write_bytes(data)
    with suppress(ProjectUnreadable, ProjectTooLarge, ImageTooLarge):
        project.load(path)


def small_project(factory: pytest.TempPathFactory) -> bytes:
    path = factory.getbasetemp() / "small.lacuna"
    if not path.exists():
        project.save(edited(size=Size(40, 30)).lease(), path)
    return path.read_bytes()


# --- PNG
