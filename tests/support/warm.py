"""``xray-tui`` in processes forked from one that has torch and the bundled checkpoint in memory.

What they run is the command itself; they only need not import for six seconds first. The parent,
``python -m support.warm FD``, reads a :class:`Start`, or which child to wait for and how long, as
JSON messages on a socket. Neither torch nor OpenMP may have threads when it forks.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from support.kill_points import KillPoint

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
MESSAGE = 1 << 16


@dataclass(frozen=True)
class Start:
    """What a child runs, in which folder, and what is special about it."""

    arguments: list[str]
    folder: str
    ignore_hangup: bool = False
    """As ``nohup`` does."""
    largest_file: int | None = None
    """In bytes; as ``ulimit -f`` does."""
    killed_at: int | None = None
    """Number of the call of the save path at which it is killed."""
    before_call: bool = False
    """Killed before that call instead of after it."""


class Child:
    """One such process."""

    def __init__(self, pid: int, parent: Warm) -> None:
        self.pid = pid
        self._parent = parent
        self._code: int | None = None

    def kill(self, number: int) -> None:
        """Send it a signal; nothing happens where it has ended."""
        if self._code is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float = 120) -> int:
        """Its exit code; that of signal n is -n.

        Raises:
            AssertionError: it has not ended within ``seconds``.
        """
        if self._code is None:
            status = self._parent.status(self.pid, seconds)
            assert status is not None, f"still running after {seconds} s"
            self._code = os.waitstatus_to_exitcode(status)
        return self._code


class Warm:
    """The parent of those processes, as the tests see it."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "support.warm", str(theirs.fileno())],
                env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(Path(__file__).parents[1])},
                pass_fds=[theirs.fileno()],
            )
        assert self._receive() == "ready"

    def start(self, what: Start, output: int, errors: int) -> Child:
        """Fork a child that writes to the file descriptors ``output`` and ``errors``."""
        message = json.dumps(asdict(what)).encode()
        socket.send_fds(self._socket, [message], [output, errors])
        pid = self._receive()
        assert isinstance(pid, int)
        return Child(pid, self)

    def status(self, pid: int, seconds: float) -> int | None:
        """The wait status of that child; None where it goes on for longer than ``seconds``."""
        self._socket.send(json.dumps([pid, seconds]).encode())
        status = self._receive()
        assert status is None or isinstance(status, int)
        return status

    def end(self) -> None:
        """Let the process go."""
        self._socket.close()
        self._process.wait(30)

    def _receive(self) -> object:
        answer = self._socket.recv(MESSAGE)
        assert answer, "the process of support.warm has ended"
        return json.loads(answer)


@contextmanager
def warm() -> Iterator[Warm]:
    parent = Warm()
    try:
        yield parent
    finally:
        parent.end()


# ---- in that process -----------------------------------------------------------------------------


def main(connection: socket.socket) -> None:
    _prepare()
    connection.send(json.dumps("ready").encode())
    while True:
        message, files, _, _ = socket.recv_fds(connection, MESSAGE, 2)
        if not message:
            return
        request = json.loads(message)
        answer: int | None
        if isinstance(request, list):
            answer = _wait(*request)
        else:
            answer = os.fork()
            if answer == 0:
                connection.close()
                _run(Start(**request), *files)
            for file in files:
                os.close(file)
        connection.send(json.dumps(answer).encode())


def _prepare() -> None:
    """Import what a child needs, load the checkpoint, and give it to every engine."""
    from xray_tui.models.hub.environment import prepare_environment

    prepare_environment()
    import filelock  # noqa: F401
    import psutil  # noqa: F401
    import torch

    import xray_tui.cli.headless  # noqa: F401
    from xray_tui.generation.running import engine
    from xray_tui.generation.sampling.sampler import Sampler
    from xray_tui.models.catalogue import resolve

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    sampler = Sampler()
    sampler.load(resolve("bundled"), "cpu", "auto", lambda text, fraction: None)
    engine.Sampler = lambda: sampler  # type: ignore[assignment,misc]
    gc.collect()
    gc.freeze()


def _wait(pid: int, seconds: float) -> int | None:
    end = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended or time.monotonic() > end:
            return status if ended else None
        time.sleep(0.005)


def _run(what: Start, output: int, errors: int) -> NoReturn:
    code = 3
    try:
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.chdir(what.folder)
        os.environ["XDG_CONFIG_HOME"] = what.folder
        if what.ignore_hangup:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        if what.largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (what.largest_file, resource.RLIM_INFINITY))
        if what.killed_at is not None:
            KillPoint(what.killed_at, before=what.before_call).install()
        sys.argv = ["xray-tui", *what.arguments]
        from xray_tui.cli import main as command

        command()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
