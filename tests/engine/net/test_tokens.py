import json
import logging
import pickle
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import PasswordDeleteError

from app import paths
from app.services import diagnostics
from app.services import logging_setup as logs
from engine.net.tokens import COMFYUI, OFFICIAL, Secret, Tokens, hide, origin

MIRROR = "https://mirror.example:8443"


class Memory(KeyringBackend):
    priority = 1  # pyright: ignore[reportAssignmentType]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def memory() -> Iterator[Memory]:
    before, ours = keyring.get_keyring(), Memory()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


@pytest.fixture
def no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(before)


def tokens(folder: Path, **environ: str) -> Tokens:
    return Tokens("test", environ={"HF_HOME": str(folder), **environ})


def found(tokens: Tokens, url: str = OFFICIAL) -> tuple[str, str]:
    secret, where = tokens.find(url)
    return (secret.reveal() if secret else ""), where


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("hf_abcdefgh")
    assert str(secret) == repr(secret) == f"{secret}" == "***"
    assert secret.reveal() == "hf_abcdefgh"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_the_order_of_places(tmp_path: Path, memory: Memory) -> None:
    (tmp_path / "token").write_text("from-file\n")
    assert found(tokens(tmp_path)) == ("from-file", "file")
    ours = tokens(tmp_path)
    assert ours.keep(OFFICIAL, "from-keyring") == "keyring"
    assert memory.kept == {("test", "huggingface"): "from-keyring"}
    assert found(ours) == ("from-keyring", "keyring")
    assert found(tokens(tmp_path, HF_TOKEN="from-outside")) == ("from-outside", "environment")
    ours.forget(OFFICIAL)
    ours.forget(OFFICIAL)
    assert found(ours) == ("from-file", "file")


def test_without_a_keyring_a_session_remembers(tmp_path: Path, no_keyring: None) -> None:
    ours = tokens(tmp_path)
    assert ours.keep(OFFICIAL, "for now") == "session"
    assert found(ours) == ("for now", "session")
    assert found(tokens(tmp_path)) == ("", "")
    ours.forget(OFFICIAL)
    assert found(ours) == ("", "")


def test_a_token_belongs_to_one_origin(tmp_path: Path, memory: Memory) -> None:
    (tmp_path / "token").write_text("from-file")
    ours = tokens(tmp_path, HF_TOKEN="from-outside")
    assert found(ours, MIRROR) == ("", "")
    ours.keep(MIRROR + "/some/path", "of the mirror")
    assert found(ours, MIRROR) == ("of the mirror", "keyring")
    assert found(ours, "https://mirror.example") == ("", "")
    assert found(ours, OFFICIAL + "/facebook/sam3")[0] == "from-outside"
    elsewhere = tokens(tmp_path, HF_TOKEN="from-outside", HF_ENDPOINT=MIRROR)
    assert found(elsewhere, MIRROR) == (
        "from-outside",
        "environment",
    )
    assert found(elsewhere, OFFICIAL) == ("from-file", "file")


def test_servers_have_tokens_of_their_own(tmp_path: Path, memory: Memory) -> None:
    """Neither realm sees the other's, be it at the same address."""
    environ = {
        "HF_HOME": str(tmp_path),
        "HF_TOKEN": "of the hub",
        "LACUNA_COMFY_TOKEN": "of the server",
        "LACUNA_COMFY_URL": MIRROR + "/x",
    }
    (tmp_path / "token").write_text("from-file")
    ours = Tokens("test", realm=COMFYUI, environ=environ)
    assert found(ours, MIRROR) == ("of the server", "environment")
    assert found(ours, "http://mirror.example:8443") == ("", "")
    assert found(ours, OFFICIAL) == ("", "")
    assert ours.find_kept(MIRROR) == (None, "")
    ours.keep(MIRROR, "kept")
    ours.keep(OFFICIAL, "odd")
    assert memory.kept == {
        ("test", f"comfyui:{MIRROR}"): "kept",
        ("test", f"comfyui:{OFFICIAL}"): "odd",
    }
    kept, where = ours.find_kept(MIRROR)
    assert (kept and kept.reveal(), where) == ("kept", "keyring")
    assert found(tokens(tmp_path), MIRROR) == ("", "")
    assert found(tokens(tmp_path)) == ("from-file", "file")


def test_without_an_address_a_token_of_the_environment_is_for_no_server() -> None:
    ours = Tokens("test", realm=COMFYUI, environ={"LACUNA_COMFY_TOKEN": "of the server"})
    assert found(ours, "http://127.0.0.1:8188") == ("", "")


def test_origins() -> None:
    assert origin("HTTPS://Hub.Example:443/a?b") == "https://hub.example"
    assert origin("http://127.0.0.1:8765/x") == "http://127.0.0.1:8765"
    assert origin("http://[::1]:80/x") == "http://[::1]"
    assert origin("https://user:pw@hub.example/x") == "https://hub.example"


def test_a_keyring_that_waits_for_its_user_is_not_waited_for(tmp_path: Path) -> None:
    answered = threading.Event()

    class Slow(Memory):
        def get_password(self, service: str, username: str) -> str | None:
            answered.wait(20)
            return None

    before = keyring.get_keyring()
    keyring.set_keyring(Slow())
    try:
        started_s = time.monotonic()
        ours = Tokens("test", environ={"HF_HOME": str(tmp_path)}, limit_s=0.2)
        assert found(ours) == ("", "")
        assert time.monotonic() - started_s < 5
    finally:
        answered.set()
        keyring.set_keyring(before)


@pytest.mark.parametrize(
    "text",
    [
        "hf_AbCdEfGhIj",
        "Authorization: Bearer zzz-top.secret",
        "https://x.example/y?token=zzz-top.secret&more=1",
        "access_token: zzz-top.secret",
        "https://me:zzz-top.secret@x.example/",
        "https://:zzz-top.secret@x.example/",
        "Authorization: Basic zzztopsecret=",
        "Authorization: zzz-top.secret",
        "[(b'Proxy-Authorization', b'Basic zzztopsecret=')]",
        "{'Authorization': 'Digest zzz-top.secret'}",
        "Set-Cookie: C.123_auth_token=zzz-top.secret; Path=/",
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    shown = hide(text)
    assert "zzz" not in shown
    assert "AbCdEf" not in shown
    assert "***" in shown


@pytest.mark.parametrize("value", ["a'b\"c-zzz", "tab\tzzz", "zürich-zzz", "a/b+c zzz&?"])
def test_a_secret_is_hidden_however_it_is_written(value: str) -> None:
    secret = Secret(value)
    written = [value, repr(value), json.dumps(value), quote(value, safe=""), f"{{'a': {value!r}}}"]
    assert secret.reveal() == value
    assert not [text for text in written if "zzz" in hide(text)]


def test_a_secret_that_begins_with_another_is_hidden_whole() -> None:
    for value in ("zebra-4711", "zebra-4711-zzz"):
        Secret(value)
    assert hide("it is zebra-4711-zzz") == "it is ***"


def test_ordinary_words_stay() -> None:
    text = "read tokens 3 of 77 from hf_hub at https://x.example:80/a@b token"
    assert hide(text) == text


def test_none_of_four_tokens_gets_into_the_log(
    tmp_path: Path, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From every place, told in every way, the traceback of a crash included."""
    planted = ["outside-4711", "in-keyring-4712", "session-4713", "in-file-4714"]
    (tmp_path / "token").write_text(planted[3])
    handler = logs.start(paths.log_dir(), logging.DEBUG)
    try:
        held = [tokens(tmp_path, HF_TOKEN=planted[0]).find(OFFICIAL)[0]]
        ours = tokens(tmp_path)
        ours.keep(OFFICIAL, planted[1])
        held.append(ours.find(OFFICIAL)[0])
        memory.kept.clear()
        keyring.set_keyring(fail.Keyring())
        ours.keep(OFFICIAL, planted[2])
        held += [ours.find(OFFICIAL)[0], tokens(tmp_path).find(OFFICIAL)[0]]
        assert [secret.reveal() for secret in held if secret] == planted
        _tell_all(planted, held)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    written = "".join(f.read_text() for f in paths.log_dir().iterdir()) + diagnostics.text()
    assert "it went wrong" in written
    assert not [token for token in planted if token in written]


def _tell_all(planted: list[str], held: list[Secret | None]) -> None:
    logger = logging.getLogger("somewhere")
    for token, secret in zip(planted, held):
        logger.info("sent %s with %r", token, secret)
        logger.debug("headers %s", {"Authorization": f"Bearer {token}"})
        try:
            raise ValueError(f"it went wrong with {token}")
        except ValueError:
            logger.exception("caught")
