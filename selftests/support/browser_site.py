"""A server on loopback that shows pages to a browser."""

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

HTML = "text/html; charset=utf-8"
_BETWEEN_PARTS = 0.7


@contextmanager
def serving() -> Iterator[tuple[int, dict[str, Any], list[tuple[str, str, str]]]]:
    """Its port; the pages that it shows, by path, and what it was sent.

    A page is a text, or a text, its headers, and its status where that is not 200; a list of texts comes part by part.
    """
    pages: dict[str, Any] = {}
    seen: list[tuple[str, str, str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.answer()

        do_DELETE = do_POST  # noqa: N815  # http.server's names

        def answer(self) -> None:
            seen.append((self.command, self.headers["host"], self.path))
            page = pages.get(self.path.partition("?")[0], "")
            text, headers, status = (*page, 200)[:3] if isinstance(page, tuple) else (page, {}, 200)
            self.send_response(status)
            for name, value in ({"content-type": HTML} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            for number, part in enumerate(text if isinstance(text, list) else [text]):
                time.sleep(_BETWEEN_PARTS if number else 0)
                self.wfile.write(part.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], pages, seen
        server.shutdown()
