"""What can be saved can be opened: writer and reader of projects have one table of limits."""

import json
import struct
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch as patched

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.document.document import Document, Variant
from app.document.named_masks import NamedMask
from app.document.tiles import PackedMask
from app.project import project
from app.project.limits import OWN, ProjectLimits
from app.project.manifest import read_manifest
from app.serialization.safe_zip import ArchiveLimits
from engine.errors import Cancelled, ProjectTooLarge, ProjectUnreadable
from engine.geometry import Rect, Size
from engine.jobs.requests import Patch
from engine.picture import Metadata, Picture
from tests.support.documents import document, fingerprint, painting, picture, variant

SIZE = Size(64, 48)


@contextmanager
def limits(**lowered: int) -> Iterator[None]:
    archive = ArchiveLimits(
        members=lowered.get("members", 10_000),
        directory=lowered.get("directory", 1_000_000),
        total=lowered.get("total", 10_000_000),
    )
    table = ProjectLimits(
        archive=archive,
        manifest=lowered.get("manifest", 1_000_000),
        unpacked=lowered.get("unpacked", 10_000_000),
    )
    with patched.object(project, "OWN", table):
        yield


def full_of(objects: int, variants: int, text: str = "") -> Document:
    """A document with so many stored selections, variants and so long a text."""
    ours = Document.from_picture(
        replace(picture(size=SIZE), metadata=Metadata(text=(("a", text),)))
    )
    mask = np.zeros((SIZE.height, SIZE.width), np.uint8)
    mask[3, 4] = 255
    packed = PackedMask.of(mask)
    named = tuple(NamedMask(f"Object {index}", packed) for index in range(objects))
    ours.marks = replace(ours.marks, named=named)
    ours.variants = tuple(_variant(number) for number in range(1, variants + 1))
    return ours


def _variant(number: int) -> Variant:
    pixels = np.full((8, 8, 3), number % 256, np.uint8)
    blend = np.full((8, 8), 255, np.uint8)
    laid = Patch(rect=Rect(0, 0, 8, 8), pixels=pixels, blend=blend)
    return Variant(number=number, patches=(laid,), engine="x", seed=1, revision=0)


@given(
    objects=st.integers(0, 12),
    variants=st.integers(0, 12),
    text=st.text(st.sampled_from('a"\x01☃\ud83d'), max_size=200),
    lowered=st.fixed_dictionaries(
        {},
        optional={
            "members": st.integers(7, 40),
            "directory": st.integers(700, 3_000),
            "total": st.integers(20_000, 60_000),
            "manifest": st.integers(700, 4_000),
            "unpacked": st.integers(3_000, 60_000),
        },
    ),
)
def test_whatever_can_be_made_can_be_opened(
    objects: int,
    variants: int,
    text: str,
    lowered: dict[str, int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.getbasetemp() / "made.lacuna"
    path.unlink(missing_ok=True)
    ours = full_of(objects, variants, text)
    with limits(**lowered):
        trouble = _trouble_of_saving(ours, path)
        if trouble is None:
            back = project.load(path)
            assert len(back.named) == objects
            assert len(back.variants) == variants
            return
    assert trouble.is_written
    assert trouble.found > trouble.limit
    assert trouble.what in lowered
    assert not path.exists()


def _trouble_of_saving(ours: Document, path: Path) -> ProjectTooLarge | None:
    try:
        project.save(ours.lease(), path)
    except ProjectTooLarge as error:
        return error
    return None


def test_a_project_that_is_too_much_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.lacuna"
    project.save(full_of(1, 0).lease(), path)
    before = path.read_bytes()
    with limits(members=10), pytest.raises(ProjectTooLarge):
        project.save(full_of(20, 0).lease(), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("objects", "variants"), [(2_100, 0), (0, 1_010)])
def test_long_sessions_are_saved_and_opened(objects: int, variants: int, tmp_path: Path) -> None:
    ours, path = full_of(objects, variants), tmp_path / "long.lacuna"
    project.save(ours.lease(), path)
    assert fingerprint(project.load(path)) == fingerprint(ours)


def test_a_text_of_control_characters_is_saved_and_opened(tmp_path: Path) -> None:
    ours, path = full_of(0, 0, "\x01" * 3_000_000), tmp_path / "odd.lacuna"
    project.save(ours.lease(), path)
    assert fingerprint(project.load(path)) == fingerprint(ours)


@pytest.mark.parametrize("size", [Size(1, 900), Size(900, 1), Size(1, 1)])
def test_thin_pictures_with_a_large_profile_are_saved_and_opened(
    size: Size, tmp_path: Path
) -> None:
    ours, path = document("rgba16", size), tmp_path / "thin.lacuna"
    project.save(ours.lease(), path)
    assert fingerprint(project.load(path)) == fingerprint(ours)


def test_numbers_of_numpy_and_halves_of_pairs_do_not_stop_a_save(tmp_path: Path) -> None:
    ours, path = full_of(1, 0), tmp_path / "odd.lacuna"
    (name,) = ours.named
    halves = "half \ud83d pair, whole \ud83d\ude00 pair"
    box = Rect(*np.array([1, 2, 3, 4]))
    ours.marks = replace(ours.marks, named=(replace(name, name=halves),), box=box)
    project.save(ours.lease(), path)
    back = project.load(path)
    assert back.named[0].name == "half \ufffd pair, whole 😀 pair"
    assert back.box == Rect(1, 2, 3, 4)


# --- what a file says, and what it costs


def spread(tmp_path: Path, count: int) -> tuple[Path, int]:
    """A 24 MP picture with selections of 60 px; and the bytes of the file without them."""
    size = Size(6000, 4000)
    ours = Document.from_picture(Picture(pixels=np.full((4000, 6000, 3), 90, np.uint8)))
    path = tmp_path / "spread.lacuna"
    project.save(ours.lease(), path)
    bare = path.stat().st_size
    named: list[NamedMask] = []
    for index in range(count):
        part = np.random.default_rng(index).integers(0, 256, (60, 60), np.uint8)
        rect = Rect(60 * (index % 99), 60 * (index // 99) + 900, 60, 60)
        named.append(NamedMask(f"{index}", PackedMask.placed(part, rect, size)))
    ours.marks = replace(ours.marks, named=tuple(named))
    project.save(ours.lease(), path)
    return path, path.stat().st_size - bare


def test_a_hundred_selections_do_not_cost_a_whole_picture_each(tmp_path: Path) -> None:
    path, more = spread(tmp_path, 100)
    assert more < 100 * 3 * 3_600
    start = time.process_time()
    back = project.load(path)
    loading = time.process_time() - start
    assert len(back.named) == 100
    assert [each.mask.area.is_empty for each in back.named] == [False] * 100
    assert loading < 3
    with zipfile.ZipFile(path) as archive:
        manifest = read_manifest(archive.read("lacuna.json"))
    assert len(manifest.places) == 101


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(path: Path, content: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in content.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    return path


def naming_one_member(tmp_path: Path, count: int) -> Path:
    path = tmp_path / "many.lacuna"
    project.save(full_of(1, 0).lease(), path)
    content = members(path)
    form = json.loads(content["lacuna.json"])
    form["marks"]["named"] *= count
    return repacked(path, {**content, "lacuna.json": json.dumps(form).encode()})


def test_many_selections_of_one_member_are_decoded_once(tmp_path: Path) -> None:
    path = naming_one_member(tmp_path, 20_000)
    start = time.process_time()
    back = project.load(path)
    assert time.process_time() - start < 3
    assert len({id(each.mask) for each in back.named}) == 1


def test_the_sum_of_all_that_is_decoded_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "sum.lacuna"
    project.save(full_of(3, 9).lease(), path)
    with limits(unpacked=4 * SIZE.pixels + 8 * 256), pytest.raises(ProjectTooLarge) as caught:
        project.load(path)
    assert (caught.value.what, caught.value.is_written) == ("unpacked", False)


def test_opening_says_how_far_it_is_and_can_be_cancelled(tmp_path: Path) -> None:
    path, seen = tmp_path / "a.lacuna", list[float]()
    ours, random = document(size=Size(300, 200)), np.random.default_rng(1)
    ours.variants = (variant(random, ours), painting(random, ours))
    project.save(ours.lease(), path)
    project.load(path, report=lambda fraction, _: seen.append(fraction))
    assert len(seen) > 6
    assert seen == sorted(seen)

    def cancel(fraction: float, _note: str) -> None:
        if fraction > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        project.load(path, report=cancel)


def test_a_directory_at_two_places_is_refused(tmp_path: Path) -> None:
    """The one that is checked has to be the one that is read."""
    path = tmp_path / "a.lacuna"
    project.save(full_of(1, 0).lease(), path)
    whole = path.read_bytes()
    end = whole.rfind(b"PK\5\6")
    count = struct.unpack_from("<H", whole, end + 10)[0]
    length, start = struct.unpack_from("<II", whole, end + 12)

    def record(members: int) -> bytes:
        return struct.pack(
            "<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, members, members, length, start
        )

    def ending(at: int) -> bytes:
        locator = struct.pack("<4sLQL", b"PK\6\7", 0, at, 1)
        return locator + struct.pack(
            "<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0
        )

    path.write_bytes(whole[:end] + record(count) + ending(end))
    assert len(project.load(path).named) == 1
    decoy = record(1)
    path.write_bytes(whole[:end] + decoy + record(count) + ending(end))
    with pytest.raises(ProjectUnreadable):
        project.load(path)


def test_the_table_is_wider_than_what_one_session_makes() -> None:
    assert OWN.archive.members >= 100_000
    assert OWN.manifest > 6 * 16_000_000
