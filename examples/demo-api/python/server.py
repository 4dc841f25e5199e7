"""The demo API on the standard library alone: a few answers and a few kinds of load.

Every path is in ROUTES, near the end; ../README.md has the contract that this version shares
with the Node and Go ones. The WebSocket is the small part of RFC 6455 that an echo needs.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import re
import secrets
import selectors
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

BLOCK_BYTES = 64 * 1024
LINE_BYTES = 8 * 1024
MIB = 1024 * 1024
KEEP_ALIVE_SECONDS = 75
GRACE_SECONDS = 9

WS_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
WS_FINAL = 0x80
WS_RESERVED = 0x70
WS_MASKED = 0x80
WS_CLOSE, WS_PING, WS_PONG = 0x8, 0x9, 0xA
WS_GOING_AWAY, WS_PROTOCOL_ERROR = 1001, 1002


def find_compute() -> str:
    if os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
        return "lambda"
    if os.environ.get("AWS_EXECUTION_ENV") == "AWS_ECS_FARGATE":
        return "fargate"
    return "local"


COMPUTE = find_compute()
INSTANCE = secrets.token_hex(4)


class BadNumber(Exception):
    """A number in the query is not one, or is out of range."""


class DemoServer(ThreadingHTTPServer):
    """One thread for each connection; knows which connections can be closed at any time."""

    daemon_threads = False  # server_close() then waits for the threads.
    request_queue_size = 512

    def __init__(self, port: int) -> None:
        super().__init__(("0.0.0.0", port), Handler)
        self.lock = threading.Lock()
        self.stopping = False
        self.idle: set[socket.socket] = set()
        self.served = 0
        self.held: list[bytes] = []
        self.held_mb = 0

    def stop(self) -> None:
        """Stop listening, close idle connections and wait for the others."""
        self.shutdown()
        with self.lock:
            self.stopping = True
            for connection in self.idle:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
        self.server_close()

    def count_request(self) -> int:
        with self.lock:
            self.served += 1
            return self.served

    def hold(self, mb: int) -> int:
        with self.lock:
            self.held.append(b"\x01" * (mb * MIB))
            self.held_mb += mb
            return self.held_mb


class Handler(BaseHTTPRequestHandler):
    """One connection, with one request after the other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: DemoServer
    rfile: io.BufferedReader

    # --- The routes ---------------------------------------------------------------------------

    def hello(self) -> None:
        self.send_json(200, {
            "message": "hello",
            "compute": COMPUTE,
            "instance": INSTANCE,
            "path": self.full_path,
            "served": self.served,
        })

    def health(self) -> None:
        self.send_json(200, {"status": "ok", "compute": COMPUTE})

    def cpu(self) -> None:
        ms = self.number("ms", 50, 0, 10_000)
        end = time.monotonic() + ms / 1000
        while time.monotonic() < end:
            pass
        self.send_json(200, {"compute": COMPUTE, "busyMs": ms})

    def slow(self) -> None:
        ms = self.number("ms", 1000, 0, 900_000)
        self.pause(ms / 1000)
        self.send_json(200, {"compute": COMPUTE, "waitedMs": ms})

    def stream(self) -> None:
        chunks = self.number("chunks", 5, 0, 1_000_000)
        every_ms = self.number("everyMs", 100, 0, 900_000)
        self.begin(200, "text/plain")
        if self.command == "HEAD":
            return
        for n in range(1, chunks + 1):
            if n > 1:
                self.pause(every_ms / 1000)
            self.write(b"chunk %d\n" % n)
        self.end()

    def large(self) -> None:
        left = self.number("bytes", 2_000_000, 0, 4096 * MIB)
        self.begin(200, "application/octet-stream", left)
        if self.command == "HEAD":
            return
        block = b"x" * BLOCK_BYTES
        while left > 0:
            self.write(block[:left])
            left -= min(left, BLOCK_BYTES)

    def echo(self) -> None:
        content_type = self.headers.get("Content-Type", "application/octet-stream")
        self.begin(200, content_type, self.body_length)
        for block in self.body:
            self.write(block)
        self.end()

    def list_headers(self) -> None:
        self.send_json(200, {
            "compute": COMPUTE,
            "method": self.command,
            "path": self.full_path,
            "query": self.query,
            "headers": [[name.lower(), value] for name, value in self.headers.items()],
        })

    def status(self) -> None:
        code = self.number("code", 503, 200, 599)
        if code in (204, 304):
            self.send_response(code)
            self.end_headers()
        else:
            self.send_json(code, {"compute": COMPUTE, "status": code})

    def memory(self) -> None:
        held_mb = self.server.hold(self.number("mb", 100, 0, 10_240))
        self.send_json(200, {"compute": COMPUTE, "heldMb": held_mb})

    def crash(self) -> None:
        print("crashing", file=sys.stderr, flush=True)
        os._exit(1)

    def env(self) -> None:
        name = self.parameter("name")
        if name in ("DEMO_GREETING", "DEMO_SECRET"):
            self.send_json(200, {"compute": COMPUTE, "name": name, "value": os.environ.get(name)})
        else:
            self.send_problem(404, "not found")

    def web_socket(self) -> None:
        key = self.headers.get("Sec-WebSocket-Key", "")
        asked = self.headers.get("Upgrade", "").lower() == "websocket"
        if not (asked and key and self.command == "GET"):
            upgrade = {"Connection": "Upgrade", "Upgrade": "websocket"}
            self.send_problem(426, "upgrade required", upgrade)
            return
        digest = hashlib.sha1((key + WS_GUID).encode()).digest()
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "websocket")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(digest).decode())
        self.end_headers()
        self.close_connection = True
        while self.await_data(None):
            if not self.echo_frame():
                return
        self.send_close(WS_GOING_AWAY)

    # --- WebSocket frames ---------------------------------------------------------------------

    def echo_frame(self) -> bool:
        """Send one frame back, a ping as a pong; False after the last frame."""
        first, second = self.read_exactly(2)
        opcode, length = first & 0x0F, second & 0x7F
        if first & WS_RESERVED or not second & WS_MASKED:
            self.send_close(WS_PROTOCOL_ERROR)
            return False
        if length == 126:
            (length,) = struct.unpack("!H", self.read_exactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.read_exactly(8))
        mask = self.read_exactly(4)

        if opcode == WS_PING:
            first = WS_FINAL | WS_PONG
        if opcode != WS_PONG:
            self.wfile.write(frame_head(first, length))
        for block in self.read_blocks(length):
            if opcode != WS_PONG:
                self.wfile.write(unmask(block, mask))
            turn = len(block) % 4
            mask = mask[turn:] + mask[:turn]
        return opcode != WS_CLOSE

    def send_close(self, code: int) -> None:
        self.wfile.write(frame_head(WS_FINAL | WS_CLOSE, 2) + struct.pack("!H", code))

    # --- Requests -----------------------------------------------------------------------------

    def handle(self) -> None:
        self.close_connection = False
        # An OSError here means that the client left, or stayed idle for too long.
        with contextlib.suppress(OSError):
            while not self.close_connection and self.await_data(KEEP_ALIVE_SECONDS):
                self.handle_one_request()

    def await_data(self, seconds: float | None) -> bool:
        """Wait until the client sends something; False if it leaves or the server stops."""
        with self.server.lock:
            if self.server.stopping:
                return False
            self.server.idle.add(self.connection)
        try:
            self.connection.settimeout(seconds)
            return bool(self.rfile.peek(1))
        finally:
            self.connection.settimeout(None)
            with self.server.lock:
                self.server.idle.discard(self.connection)

    def answer(self) -> None:
        """Answer the request whose head has been read."""
        # Not self.path, in which http.server has merged leading slashes.
        self.full_path, _, self.query = self.requestline.split()[1].partition("?")
        self.body_length = self.find_body_length()
        self.body = self.read_body()
        name = re.sub(r"^/(lambda|fargate)(?=/|$)", "", self.full_path) or "/"
        if name != "/health":
            self.served = self.server.count_request()

        if name not in ROUTES:
            self.send_problem(404, "not found")
        elif self.command not in ROUTES[name][0]:
            allow = {"Allow": ", ".join(ROUTES[name][0])}
            self.send_problem(405, "method not allowed", allow)
        else:
            try:
                ROUTES[name][1](self)
            except BadNumber:
                self.send_problem(400, "bad number")
        for _ in self.body:
            pass  # What the route did not read stands before the next request.

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def parameter(self, name: str) -> str | None:
        return parse_qs(self.query, keep_blank_values=True).get(name, [None])[0]

    def number(self, name: str, fallback: int, lowest: int, highest: int) -> int:
        text = self.parameter(name)
        if text is None:
            return fallback
        # More digits than that are out of every range, and slow to convert.
        if not re.fullmatch(r"[0-9]{1,18}", text) or not lowest <= int(text) <= highest:
            raise BadNumber(name)
        return int(text)

    def find_body_length(self) -> int | None:
        """How long the request's body is; None if it comes in chunks."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return None
        return parse_size(self.headers.get("Content-Length", "0"), 10)

    def read_body(self) -> Iterator[bytes]:
        if self.body_length is not None:
            yield from self.read_blocks(self.body_length)
            return
        while size := parse_size(self.read_line().partition(b";")[0], 16):
            yield from self.read_blocks(size)
            self.read_line()
        while self.read_line():
            pass  # A trailer.

    def read_blocks(self, left: int) -> Iterator[bytes]:
        """Read that many bytes, and hand them on as they arrive."""
        while left > 0:
            block = self.rfile.read1(min(left, BLOCK_BYTES))
            if not block:
                raise ConnectionAbortedError("the client left")
            left -= len(block)
            yield block

    def read_exactly(self, length: int) -> bytes:
        return b"".join(self.read_blocks(length))

    def read_line(self) -> bytes:
        line = self.rfile.readline(LINE_BYTES)
        if not line.endswith(b"\n"):
            raise ConnectionAbortedError("the client left, or the line is too long")
        return line.strip()

    def pause(self, seconds: float) -> None:
        """Wait, unless the client leaves first."""
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.connection, selectors.EVENT_READ)
            if selector.select(seconds) and not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionAbortedError("the client left")
        # The client has sent more already: wait on without watching it.
        time.sleep(max(0.0, end - time.monotonic()))

    # --- Answers ------------------------------------------------------------------------------

    def send_json(
        self, status: int, fields: Mapping[str, object], headers: Mapping[str, str] | None = None
    ) -> None:
        body = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
        self.begin(status, "application/json", len(body), headers)
        if self.command != "HEAD":
            self.write(body)

    def send_problem(
        self, status: int, error: str, headers: Mapping[str, str] | None = None
    ) -> None:
        fields = {"error": error, "compute": COMPUTE, "path": self.full_path}
        self.send_json(status, fields, headers)

    def begin(
        self,
        status: int,
        content_type: str,
        length: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send the head of an answer; a body of unknown length goes out in chunks."""
        self.chunked = length is None and self.request_version != "HTTP/1.0"
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        if self.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif length is not None:
            self.send_header("Content-Length", str(length))
        else:
            self.send_header("Connection", "close")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.server.stopping:
            self.send_header("Connection", "close")
        self.end_headers()

    def write(self, data: bytes) -> None:
        if self.chunked:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        else:
            self.wfile.write(data)

    def end(self) -> None:
        if self.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged."""


GET = ("GET", "HEAD")
POST = ("POST",)

ROUTES: dict[str, tuple[tuple[str, ...], Callable[[Handler], None]]] = {
    "/": (GET, Handler.hello),
    "/hello": (GET, Handler.hello),
    "/health": (GET, Handler.health),
    "/cpu": (GET, Handler.cpu),
    "/slow": (GET, Handler.slow),
    "/stream": (GET, Handler.stream),
    "/large": (GET, Handler.large),
    "/echo": (POST, Handler.echo),
    "/headers": (GET, Handler.list_headers),
    "/status": (GET, Handler.status),
    "/memory": (GET, Handler.memory),
    "/crash": (GET, Handler.crash),
    "/env": (GET, Handler.env),
    "/ws": (GET, Handler.web_socket),
}


def parse_size(text: str | bytes, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        raise ConnectionAbortedError("the request is malformed") from None


def frame_head(first: int, length: int) -> bytes:
    if length < 126:
        return struct.pack("!BB", first, length)
    if length < 1 << 16:
        return struct.pack("!BBH", first, 126, length)
    return struct.pack("!BBQ", first, 127, length)


def unmask(block: bytes, mask: bytes) -> bytes:
    length = len(block)
    pad = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(block, "big") ^ int.from_bytes(pad, "big")).to_bytes(length, "big")


def main() -> None:
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    signal.signal(signal.SIGINT, lambda *_: stopping.set())

    server = DemoServer(int(os.environ.get("PORT", "8080")))
    threading.Thread(target=server.serve_forever).start()
    print(f"listening on {server.server_port}", flush=True)

    stopping.wait()
    deadline = threading.Timer(GRACE_SECONDS, os._exit, args=(0,))
    deadline.daemon = True
    deadline.start()
    server.stop()


if __name__ == "__main__":
    main()
