"""Results of a server as files: the photo with other pixels, within limits, one after another."""

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from app.cli.workflow import server_outputs
from app.cli.workflow.server_outputs import ServerOutputWriter
from app.commands.outputs import GAP_PX, side_by_side
from engine.comfy.errors import ServerBroken
from engine.comfy.prompt_plan import PlanOutput, PlanOutputs
from engine.errors import ImageTooLarge
from engine.geometry import Image
from engine.image_io.encoding.png_writer import encode_png
from engine.image_io.limits import Limits
from engine.image_io.reader import read
from engine.image_io.writer import Embedded
from engine.picture import Picture
from engine.workflow.local.values import SinkKind
from engine.workflow.remote.plan import PlannedOutput
from tests.support import pictures

SAVED = PlannedOutput(kind=SinkKind.SAVE, title="Save", node="9")
PAIRS = PlannedOutput(kind=SinkKind.COMPARE, title="Compare", node="9", before="8")
SCENE = np.random.default_rng(3).integers(90, 140, (64, 96, 3), np.uint8)


def writer(photo: Path, lost: list[Embedded], **limits: int) -> ServerOutputWriter:
    def tell(found: Iterable[Embedded]) -> None:
        lost.extend(found)

    return ServerOutputWriter(
        photo=read(photo),
        source=photo,
        quality=None,
        force=False,
        limits=Limits(**limits),
        tell=tell,
    )


def sent(*results: Image, before: tuple[Image, ...] = ()) -> PlanOutputs:
    images = {"9": results, "8": before}
    return PlanOutputs(
        of={n: PlanOutput(images=tuple(map(encode_png, each))) for n, each in images.items()},
        server="den",
    )


def painted(pixels: Image) -> Image:
    changed = pixels.copy()
    changed[:16, :16] = 255
    return changed


def jpeg(path: Path, **options: object) -> Path:
    Pil.fromarray(SCENE).save(path, quality=83, subsampling=2, **options)
    return path


def test_a_jpeg_stays_as_it_was_where_the_server_changed_nothing(tmp_path: Path) -> None:
    photo, lost = jpeg(tmp_path / "a.jpg"), list[Embedded]()
    source = read(photo)
    target = tmp_path / "new.jpg"
    writer(photo, lost).write([SAVED], sent(painted(source.pixels)), [target])
    found = read(target)
    assert (found.coding.quality, found.coding.subsampling) == (83, "4:2:0")
    assert np.array_equal(found.pixels[24:, 24:], source.pixels[24:, 24:])
    assert lost == []


def test_what_the_file_will_not_hold_is_told(tmp_path: Path) -> None:
    small = io.BytesIO()
    Pil.fromarray(SCENE).resize((40, 30)).save(small, "JPEG")
    block = pictures.exif_block(thumbnail=small.getvalue())
    photo = jpeg(tmp_path / "a.jpg", exif=b"Exif\0\0" + block)
    lost: list[Embedded] = []
    writer(photo, lost).write([SAVED], sent(painted(SCENE)), [tmp_path / "new.jpg"])
    assert [(each.kind, each.why) for each in lost] == [("thumbnail", "before")]


def test_the_depth_and_the_profile_that_a_server_cannot_take_are_told(tmp_path: Path) -> None:
    photo, lost = jpeg(tmp_path / "a.jpg"), list[Embedded]()
    deep = Picture(pixels=SCENE.astype(np.uint16) * 257, icc=b"profile")
    (tmp_path / "out").mkdir()
    kept = replace(writer(photo, lost), photo=deep)
    kept.write([SAVED], sent(SCENE), [tmp_path / "out" / "new.png"])
    assert [(each.kind, each.why) for each in lost] == [("profile", "server"), ("depth", "server")]


def test_results_of_another_size_and_comparisons_are_new_pictures(tmp_path: Path) -> None:
    photo, lost = jpeg(tmp_path / "a.jpg", dpi=(300, 300)), list[Embedded]()
    files = [tmp_path / "small.png", tmp_path / "pair.png"]
    small = SCENE[:32].copy()
    outputs = sent(small, before=(small,))
    assert writer(photo, lost).write([SAVED, PAIRS], outputs, files) == files
    assert read(files[0]).metadata.dpi is None
    assert read(files[1]).size == (96 * 2 + GAP_PX, 32)
    assert lost == []


def test_a_result_over_the_limit_is_refused_before_any_file_is_written(tmp_path: Path) -> None:
    photo = jpeg(tmp_path / "a.jpg")
    target = tmp_path / "new.png"
    large = np.zeros((100, 100, 3), np.uint8)
    with pytest.raises(ImageTooLarge) as refused:
        writer(photo, [], pixels=9_999).write([SAVED], sent(SCENE, large), [target])
    assert (refused.value.what, refused.value.found) == ("pixels", 10_000)
    assert not target.exists()


@pytest.mark.parametrize("pairs", [True, False])
def test_all_results_together_are_bounded(
    pairs: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_outputs, "MAX_PIXELS", 3 * SCENE[..., 0].size)
    photo, shown = jpeg(tmp_path / "a.jpg"), PAIRS if pairs else SAVED
    with pytest.raises(ServerBroken) as refused:
        writer(photo, []).write(
            [shown],
            sent(*[SCENE] * (2 if pairs else 4), before=(SCENE,) * 2),
            [tmp_path / "new.png"],
        )
    assert refused.value.reason == "large"


def test_no_more_than_a_pair_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten pairs the second is decoded after the first has been written."""
    log: list[str] = []
    decode, write = server_outputs.decode_png, server_outputs.write

    def decoding(content: bytes, server: str) -> Image:
        log.append("decode")
        return decode(content, server)

    def writing(*arguments: object, **options: object) -> None:
        log.append("write")
        write(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(server_outputs, "decode_png", decoding)
    monkeypatch.setattr(server_outputs, "write", writing)
    outputs = sent(*[SCENE] * 10, before=(SCENE,) * 10)
    found = writer(jpeg(tmp_path / "a.jpg"), []).write([PAIRS], outputs, [tmp_path / "pair.png"])
    assert len(found) == 10
    assert log == ["decode", "decode", "write"] * 10


@pytest.mark.parametrize("limit", [{"side": 150}, {"pixels": 4000}, {"side": 60}])
def test_a_comparison_can_be_opened(limit: dict[str, int]) -> None:
    """A row that is larger than a file may be is reduced."""
    row = side_by_side((SCENE, SCENE[:32].copy(), SCENE), Limits(**limit))
    Limits(**limit).check_size(row.size)
    assert row.size.width > 40
