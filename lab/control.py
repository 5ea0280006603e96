"""Changing a running lab from another process: a listener on loopback, and the client that talks to it.

Where it listens, and the token it wants, stand in the state folder's control.json, which its owner can read.
"""

from __future__ import annotations

import hmac
import http.client
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab.files import write_private
from lab.lab import Lab, LabError
from lab.network import Receive, Scope, Send
from lab.serving import Listener

CONTROL: Final = "control"
FILE: Final = "control.json"
SECONDS: Final = 10.0


class Control:
    """Takes orders for a lab: `POST /fault` with {"names": […]}, and `POST /heal`."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._token = secrets.token_hex(24)
        lab.add(Listener(CONTROL, (), self, of_the_estate=False))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one order; 403 without the token, 400 with a sentence when it cannot be done."""
        request = Request(scope, receive)
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            response: Response = JSONResponse({"error": "the token of control.json is needed"}, 403)
        else:
            response = self._obey(scope["path"], await request.body())
        await response(scope, receive, send)

    def write(self, folder: Path) -> None:
        """Leave address and token in `folder`; the lab must be serving."""
        content = {"port": self._lab.ports[CONTROL], "token": self._token, "pid": os.getpid()}
        write_private(folder / FILE, json.dumps(content))

    def _obey(self, path: str, body: bytes) -> Response:
        try:
            if path == "/fault":
                self._lab.apply(*json.loads(body)["names"])
            elif path == "/heal":
                self._lab.heal()
        except LabError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({})


@dataclass(frozen=True)
class Remote:
    """A lab that runs in another process."""

    folder: Path
    port: int
    token: str = field(repr=False)
    pid: int

    @classmethod
    def of(cls, folder: Path) -> Remote:
        """The lab whose state is in `folder`. Raises LabError when none runs there."""
        try:
            content = json.loads((folder / FILE).read_text(encoding="utf-8"))
            remote = cls(folder, content["port"], content["token"], content["pid"])
        except FileNotFoundError:
            raise LabError(_not_running(folder)) from None
        except (OSError, ValueError, KeyError, TypeError):
            raise LabError(f"{folder / FILE} cannot be read; stop that lab, and start it again") from None
        remote.order("/")
        return remote

    def fault(self, names: Sequence[str]) -> None:
        """Put these faults into force, in this order. Raises LabError."""
        self.order("/fault", {"names": list(names)})

    def heal(self) -> None:
        """Undo all faults. Raises LabError."""
        self.order("/heal")

    def order(self, path: str, content: Any = None) -> None:  # noqa: ANN401
        """Send one order. Raises LabError when nobody takes it, or with the reason of its refusal."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("POST", path, json.dumps(content), {"Authorization": f"Bearer {self.token}"})
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError):
            raise LabError(_not_running(self.folder)) from None
        finally:
            connection.close()
        if response.status != 200:
            raise LabError(answer["error"])


def _not_running(folder: Path) -> str:
    return f"no lab is running with its state in {folder}; start one: python -m lab --state {folder}"
