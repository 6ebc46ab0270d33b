"""Files of strangers: what is no file is refused at once, and no more is read than allowed."""

import os
import socket
import sys
from pathlib import Path

import pytest

from engine.storage.foreign_file import FileTooLong, NoRegularFile, inside, open_file, read_file

posix = pytest.mark.skipif(sys.platform == "win32", reason="pipes and devices of POSIX")


@posix
def test_a_file_is_read_whole_and_through_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "a.bin", tmp_path / "link"
    file.write_bytes(b"12345")
    assert read_file(file, 5) == b"12345"
    link.symlink_to(file)
    assert read_file(link, 5) == b"12345"
    with open_file(link) as opened:
        assert opened.read(2) == b"12"


def test_more_bytes_than_the_limit_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"123456")
    with pytest.raises(FileTooLong) as caught:
        read_file(tmp_path / "a.bin", 5)
    assert (caught.value.found, caught.value.limit) == (6, 5)


@posix
@pytest.mark.parametrize("through_link", [False, True])
def test_a_pipe_is_refused_without_waiting(tmp_path: Path, through_link: bool) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    if through_link:
        (tmp_path / "a.png").symlink_to(pipe)
        pipe = tmp_path / "a.png"
    with pytest.raises(NoRegularFile):
        read_file(pipe, 5)


@posix
def test_devices_folders_and_sockets_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the address of a socket is short
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("s")
    for each in (Path("/dev/zero"), Path("/dev/null"), tmp_path, tmp_path / "s"):
        with pytest.raises(NoRegularFile):
            open_file(each)
    listening.close()


@posix
def test_a_file_without_a_size_is_bounded_too() -> None:
    """Files of /proc are regular, and the system tells 0 bytes."""
    with pytest.raises(FileTooLong):
        read_file(Path("/proc/self/environ"), 1)


def test_a_missing_file_is_the_usual_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "none")


@pytest.mark.parametrize("name", ["m.png", "masks/m.png", "./m.png", "masks\\m.png"])
def test_names_inside_a_folder(tmp_path: Path, name: str) -> None:
    found = inside(tmp_path, name)
    assert found is not None
    assert found.is_relative_to(tmp_path)


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../m.png", "masks/../../m.png", "..\\m.png", "a\0b"]
)
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    assert inside(tmp_path, name) is None


@posix
def test_a_link_that_leads_out_is_no_way_in(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "other.png").write_bytes(b"1")
    (home / "out.png").symlink_to(tmp_path / "other.png")
    (home / "self").symlink_to(home)
    assert inside(home, "out.png") is None
    assert inside(home, "self/m.png") == home / "self" / "m.png"
    alias = tmp_path / "alias"
    alias.symlink_to(home)
    assert inside(alias, "m.png") == alias / "m.png"
