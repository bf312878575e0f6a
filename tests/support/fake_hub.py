"""A small model hub on 127.0.0.1 that can also refuse, stall or never answer."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

SHA = "0123456789abcdef0123456789abcdef01234567"


class FakeHub:
    """Serves ``files`` (path → bytes) as any repository; the other attributes make it fail."""

    def __init__(self, files: dict[str, bytes] | None = None) -> None:
        self.files = files or {}
        self.status = 0
        """Answer every request with this status; 0 serves the files."""
        self.headers: dict[str, str] = {}
        self.body = b""
        self.silent = False
        """Accept requests and never answer."""
        self.stall_in = ""
        """Send half of this file, then nothing more."""
        self.sizes: dict[str, int] = {}
        """Sizes for the listing, instead of the real ones."""
        self.requests: list[str] = []
        self.tokens: set[str] = set()
        self.url = ""
        self.closing = threading.Event()

    def listing(self) -> list[dict[str, Any]]:
        """Every file as the hub's API lists it."""
        rows = []
        for name, data in self.files.items():
            row: dict[str, Any] = {
                "rfilename": name,
                "path": name,
                "type": "file",
                "size": self.sizes.get(name, len(data)),
                "blobId": _git_hash(data),
                "oid": _git_hash(data),
            }
            if name.endswith((".safetensors", ".bin")):
                digest = hashlib.sha256(data).hexdigest()
                size = row["size"]
                row["lfs"] = {"sha256": digest, "oid": digest, "size": size, "pointerSize": 134}
            rows.append(row)
        return rows


@contextmanager
def serving(hub: FakeHub) -> Iterator[FakeHub]:
    """Run ``hub`` on a free port during the block; sets ``hub.url``."""
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        return

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        hub = self.hub
        path = unquote(urlsplit(self.path).path)
        hub.requests.append(f"{self.command} {path}")
        hub.tokens.add(self.headers.get("Authorization", ""))
        if hub.silent:
            hub.closing.wait(60)
            self.close_connection = True
        elif hub.status:
            self._send(hub.status, hub.body, hub.headers, with_body)
        elif path.startswith("/api/models/") and "/tree/" in path:
            self._send(200, json.dumps(hub.listing()).encode(), {}, with_body)
        elif path.startswith("/api/models/"):
            answer = {"id": "owner/name", "sha": SHA, "siblings": hub.listing()}
            self._send(200, json.dumps(answer).encode(), {}, with_body)
        else:
            self._send_file(path.partition(f"/resolve/{SHA}/")[2], with_body)

    def _send_file(self, name: str, with_body: bool) -> None:
        data = self.hub.files.get(name)
        if data is None:
            self._send(404, b"", {"X-Error-Code": "EntryNotFound"}, with_body)
            return
        large = name.endswith((".safetensors", ".bin"))
        etag = hashlib.sha256(data).hexdigest() if large else _git_hash(data)
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": SHA}
        stall = with_body and name == self.hub.stall_in
        self._send(200, data, headers, with_body, len(data) // 2 if stall else None)
        if stall:
            self.hub.closing.wait(60)
            self.close_connection = True

    def _send(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str],
        with_body: bool,
        stop_at: int | None = None,
    ) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body[:stop_at])
                self.wfile.flush()
        except OSError:  # the client has closed the connection
            self.close_connection = True


def _git_hash(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder``, by its relative path."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}
