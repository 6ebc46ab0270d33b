"""One program per user: a second start hands its files to the first and ends."""

import contextlib
import hashlib
import json
import os
import socket as sockets
import stat
import struct
import sys
import tempfile
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

CONNECT_MS = 500
ANSWER_MS = 3000
READ_MS = 3000  # for the whole of a message
LONGEST = 1_000_000  # bytes of one message
SOCKET = "socket"  # in the state folder
LONGEST_PATH = 100  # bytes of a socket's path: the system takes 103 to 107
MARK = "instance"  # in the state folder while a program listens: without it nobody need be asked


def _server_name(folder: Path) -> str | None:
    """The socket of this user and state folder, in a folder that nobody else may write to.

    None where there is no such folder with a path short enough for a socket.
    """
    if sys.platform == "win32":  # a pipe, which only its user may open
        return "lacuna-" + hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:24]
    inside = folder.absolute() / SOCKET
    if len(os.fsencode(inside)) <= LONGEST_PATH:
        return str(inside) if _is_private(folder) else None
    name = hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:24]
    parent = _runtime_folder()
    return str(parent / f"lacuna-{name}") if parent is not None else None


def _runtime_folder() -> Path | None:
    """The user's runtime folder, else one of the user's own among the temporary files."""
    given = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nowhere")
    if _is_private(given):
        return given
    made = Path(tempfile.gettempdir()) / f"lacuna-{os.getuid()}"
    with contextlib.suppress(OSError):
        made.mkdir(mode=0o700, exist_ok=True)
    return made if _is_private(made) else None


def _is_private(folder: Path) -> bool:
    """Whether it is a folder of this user, not a link, into which nobody else may write."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    others_may_write = found.st_mode & 0o022
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not others_may_write


def is_own(descriptor: int) -> bool:
    """Whether the other side of a connected socket is a program of this user.

    Where the system does not tell, the folder of the socket has to do.
    """
    if not hasattr(sockets, "SO_PEERCRED"):
        return True
    try:
        with sockets.socket(fileno=os.dup(descriptor)) as peer:
            size = struct.calcsize("3i")
            found = peer.getsockopt(sockets.SOL_SOCKET, sockets.SO_PEERCRED, size)
    except OSError:
        return False
    return struct.unpack("3i", found)[1] == os.getuid()


def _peer_is_own(socket: QLocalSocket) -> bool:
    return sys.platform == "win32" or is_own(socket.socketDescriptor())


def hand_over(folder: Path, paths: list[Path]) -> bool:
    """Give the files to the program that runs already. False when there is none that answers."""
    name = _server_name(folder)
    socket = QLocalSocket()
    if name is None:
        return False
    socket.connectToServer(name)
    if not socket.waitForConnected(CONNECT_MS) or not _peer_is_own(socket):
        return False
    socket.write(json.dumps([str(path.absolute()) for path in paths]).encode() + b"\n")
    if not socket.waitForReadyRead(ANSWER_MS):
        return False
    answered = bytes(socket.readAll().data()) == b"ok\n"
    socket.disconnectFromServer()
    return answered


class SingleInstance(QObject):
    """Listens for later starts of the same user."""

    files_arrived = Signal(object)  # list[Path]; empty: only a window is wanted

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mark = folder / MARK
        self._name = _server_name(folder)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connected)

    def listen(self) -> bool:
        """Start to listen; the socket of a crashed program is removed first."""
        if self._name is None:
            return False
        if not self._server.listen(self._name):
            QLocalServer.removeServer(self._name)
            if not self._server.listen(self._name):
                return False
        with contextlib.suppress(OSError):
            self._mark.touch()
        return True

    def close(self) -> None:
        if self._server.isListening():
            self._server.close()
            with contextlib.suppress(OSError):
                self._mark.unlink(missing_ok=True)

    @Slot()
    def _on_connected(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            caller = _Caller(socket, self)
            caller.told.connect(self.files_arrived)
            caller.begin()


class _Caller(QObject):
    """A later start that is connected. Its one line is read as it arrives: nothing waits for it."""

    told = Signal(object)  # list[Path]

    def __init__(self, socket: QLocalSocket, parent: QObject) -> None:
        super().__init__(parent)
        self._socket = socket
        socket.setParent(self)
        socket.setReadBufferSize(LONGEST + 1)
        socket.readyRead.connect(self._on_ready)
        socket.disconnected.connect(self.deleteLater)
        self._timer = QTimer(self, singleShot=True, interval=READ_MS)
        self._timer.timeout.connect(self._end)

    def begin(self) -> None:
        """Read what is there already; the connection ends when READ_MS have passed."""
        self._timer.start()
        if _peer_is_own(self._socket):
            self._on_ready()
        else:
            self._end()

    @Slot()
    def _on_ready(self) -> None:
        if self._socket.canReadLine():
            paths = parse(bytes(self._socket.readLine(LONGEST).data()))
            if paths is not None:
                self._socket.write(b"ok\n")
                self._socket.flush()
            self._end()
            if paths is not None:
                self.told.emit(paths)
        elif self._socket.bytesAvailable() > LONGEST:
            self._end()

    @Slot()
    def _end(self) -> None:
        """Close when the answer is written; a socket that is closed already says nothing more."""
        self._timer.stop()
        self._socket.readyRead.disconnect(self._on_ready)
        self._socket.disconnectFromServer()
        if self._socket.state() is QLocalSocket.LocalSocketState.UnconnectedState:
            self.deleteLater()


def parse(line: bytes) -> list[Path] | None:
    """The paths of one message; None when it is none of ours."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
        return None
    return [Path(entry) for entry in found]
