"""Runs ``xray-tui`` in processes forked from one that has torch and the bundled model in memory.

They run the command itself, but save six seconds of imports. The first process of the tests that
needs it starts ``python -m support.fork_server PATH``, which forks one parent for each connection
to the socket PATH. The parent reads JSON messages: a :class:`ChildCommand`, or which child to wait
for and how long. Neither torch nor OpenMP may have threads when they fork.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from filelock import FileLock
from support.kill_points import KillPoint

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
MESSAGE = 1 << 16


@dataclass(frozen=True)
class ChildCommand:
    """The arguments and the folder of a child, and the conditions it runs under."""

    arguments: list[str]
    folder: str
    ignore_hangup: bool = False
    """Ignore SIGHUP, as under ``nohup``."""
    largest_file: int | None = None
    """The largest file it may write, in bytes, as ``ulimit -f`` sets it."""
    killed_at: int | None = None
    """Kill it at the call with this number among the calls that make a save durable."""
    before_call: bool = False
    """Kill it before that call instead of after it."""


class Child:
    """A forked process."""

    def __init__(self, pid: int, parent: ForkServer) -> None:
        self.pid = pid
        self._parent = parent
        self._code: int | None = None

    def kill(self, number: int) -> None:
        """Send it a signal; nothing happens if it has ended."""
        if self._code is None:
            os.kill(self.pid, number)

    def wait(self, seconds: float = 120) -> int:
        """Wait for its end and return the exit code; -n if signal n ended it.

        Raises:
            AssertionError: the process has not ended within ``seconds``.
        """
        if self._code is None:
            status = self._parent.status(self.pid, seconds)
            assert status is not None, f"still running after {seconds} s"
            self._code = os.waitstatus_to_exitcode(status)
        return self._code


class ForkServer:
    """The tests' side of the connection to a process that forks.

    ``path`` is the socket of the process that has imported all; it is started if it does not run.
    """

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._started: subprocess.Popen[bytes] | None = None
        with FileLock(f"{path}.lock"):
            try:
                self._socket.connect(str(path))
            except OSError:
                self._started = _start(path)
                self._socket.connect(str(path))

    def start(self, command: ChildCommand, output: int, errors: int) -> Child:
        """Fork a child that writes to the file descriptors ``output`` and ``errors``."""
        message = json.dumps(asdict(command)).encode()
        socket.send_fds(self._socket, [message], [output, errors])
        pid = self._receive()
        assert isinstance(pid, int)
        return Child(pid, self)

    def status(self, pid: int, seconds: float) -> int | None:
        """The wait status of that child; None if it is still running after ``seconds``."""
        self._socket.send(json.dumps([pid, seconds]).encode())
        status = self._receive()
        assert status is None or isinstance(status, int)
        return status

    def end(self) -> None:
        """Close the connection, and end the process if it was started here.

        The parents of other connections stay.
        """
        self._socket.close()
        if self._started is not None:
            self._started.communicate(timeout=30)

    def _receive(self) -> object:
        reply = self._socket.recv(MESSAGE)
        assert reply, "the process of support.fork_server has ended"
        return json.loads(reply)


def _start(path: Path) -> subprocess.Popen[bytes]:
    path.unlink(missing_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "support.fork_server", str(path)],
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


# ---- in the forking process ----------------------------------------------------------------------


def main(path: str) -> None:
    """Serve connections until standard input ends, as it does when the tests end in any way."""
    _prepare()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so parents that ended leave no zombies
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(path)
        server.listen()
        print("ready", flush=True)
        while server in select.select([server, sys.stdin], [], [])[0]:
            connection, _ = server.accept()
            if os.fork() == 0:
                server.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
                os.dup2(sys.stdin.fileno(), 0)
                _serve(connection)
                os._exit(0)
            connection.close()


def _serve(connection: socket.socket) -> None:
    while True:
        message, files, _, _ = socket.recv_fds(connection, MESSAGE, 2)
        if not message:
            return
        request = json.loads(message)
        reply: int | None
        if isinstance(request, list):
            reply = _wait(*request)
        else:
            reply = os.fork()
            if reply == 0:
                connection.close()
                _run(ChildCommand(**request), *files)
            for file in files:
                os.close(file)
        connection.send(json.dumps(reply).encode())


def _prepare() -> None:
    """Import the modules a child needs, load the checkpoint, and give it to every engine."""
    from xray_tui.models.hub.environment import prepare_environment

    prepare_environment()
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


def _run(command: ChildCommand, output: int, errors: int) -> NoReturn:
    code = 3
    try:
        os.dup2(output, 1)
        os.dup2(errors, 2)
        os.chdir(command.folder)
        os.environ["XDG_CONFIG_HOME"] = command.folder
        # Otherwise it ignores SIGHUP too where the tests themselves run under ``nohup``.
        hangup = signal.SIG_IGN if command.ignore_hangup else signal.SIG_DFL
        signal.signal(signal.SIGHUP, hangup)
        if command.largest_file is not None:
            resource.setrlimit(
                resource.RLIMIT_FSIZE, (command.largest_file, resource.RLIM_INFINITY)
            )
        if command.killed_at is not None:
            KillPoint(command.killed_at, before=command.before_call).install()
        sys.argv = ["xray-tui", *command.arguments]
        from xray_tui.cli.main import main as run_command_line

        run_command_line()
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
    main(sys.argv[1])
