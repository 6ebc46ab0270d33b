"""One program per user: a second start hands its files to the first and ends."""

import hashlib
import json
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

CONNECT_MS = 500
ANSWER_MS = 3000
READ_MS = 500
LONGEST = 1_000_000  # bytes of one message
MARK = "instance"  # in the state folder while a program listens: without it nobody need be asked


def _server_name(folder: Path) -> str:
    """One name for each user and home: the folder is the user's own."""
    return "lacuna-" + hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:24]


def hand_over(folder: Path, paths: list[Path]) -> bool:
    """Give the files to the program that runs already. False when there is none that answers."""
    socket = QLocalSocket()
    socket.connectToServer(_server_name(folder))
    if not socket.waitForConnected(CONNECT_MS):
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
        if not self._server.listen(self._name):
            QLocalServer.removeServer(self._name)
            if not self._server.listen(self._name):
                return False
        self._mark.touch()
        return True

    def close(self) -> None:
        if self._server.isListening():
            self._server.close()
            self._mark.unlink(missing_ok=True)

    @Slot()
    def _on_connected(self) -> None:
        """Read the one line that the other program sends at once."""
        while (socket := self._server.nextPendingConnection()) is not None:
            paths = _read(socket)
            if paths is not None:
                socket.write(b"ok\n")
                socket.waitForBytesWritten(READ_MS)
            socket.disconnectFromServer()
            socket.deleteLater()
            if paths is not None:
                self.files_arrived.emit(paths)


def _read(socket: QLocalSocket) -> list[Path] | None:
    while not socket.canReadLine():
        if socket.bytesAvailable() > LONGEST or not socket.waitForReadyRead(READ_MS):
            return None
    return parse(bytes(socket.readLine(LONGEST).data()))


def parse(line: bytes) -> list[Path] | None:
    """The paths of one message; None when it is none of ours."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, list) or not all(isinstance(entry, str) for entry in found):
        return None
    return [Path(entry) for entry in found]
