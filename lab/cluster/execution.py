"""`pods/exec` over WebSocket: channel protocols v4 and v5, and the Status of how a command ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from starlette.types import Receive, Scope, Send

from lab.cluster.answers import Refusal, bad_request
from lab.cluster.commands import NotExecutable, Outcome, reads_input, run
from lab.cluster.state import Object
from lab.world import World

PROTOCOLS: Final = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, STATUS, CLOSE = 0, 1, 2, 3, 255
_END: Final = (b"\x04", b"exit()\n", b"exit()\r")
SUCCESS: Final[Object] = {"metadata": {}, "status": "Success"}


def check_streams(options: dict[str, str], command: list[str]) -> None:
    """Raises Refusal (400) for an exec that nobody could use."""
    if not any(options.get(stream) in ("1", "true") for stream in ("stdin", "stdout", "stderr")):
        raise bad_request("you must specify at least 1 of stdin, stdout, stderr")
    if not command:
        raise bad_request("you must specify at least one command for the container")


def protocol_of(scope: Scope) -> str:
    """The best protocol both sides speak. Raises Refusal (400) when there is none."""
    offered = scope.get("subprotocols", ())
    for protocol in PROTOCOLS:
        if protocol in offered:
            return protocol
    raise bad_request("unable to upgrade: unable to negotiate protocol: client supports none of the server's")


async def refuse(send: Send, scope: Scope, refusal: Refusal) -> None:
    """Answer the handshake with a Status instead of a connection."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    response = refusal.answer()
    head = {"type": "websocket.http.response.start", "status": refusal.code, "headers": response.raw_headers}
    await send(head)
    await send({"type": "websocket.http.response.body", "body": response.body})


@dataclass(frozen=True)
class Execution:
    """One exec that was admitted: where it runs, and what the query asked for."""

    pod: Object
    container: str
    command: list[str]
    options: dict[str, str]

    def wants(self, option: str) -> bool:
        """Whether a boolean option is set."""
        return self.options.get(option) in {"1", "true"}


async def serve(world: World, execution: Execution, protocol: str, receive: Receive, send: Send) -> None:
    """Accept the connection, run the command, send what it wrote and how it ended, and close."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": protocol})
    script = ""
    if execution.wants("stdin") and reads_input(execution.command):
        script = await _input(receive)
    try:
        outcome = run(world, execution.pod, execution.container, execution.command, script)
        status = _status(outcome)
    except NotExecutable as error:
        outcome, status = Outcome(), _failure(str(error))
    await _write(send, outcome, tty=execution.wants("tty"))
    await send({"type": "websocket.send", "bytes": bytes([STATUS]) + json.dumps(status).encode()})
    await send({"type": "websocket.close", "code": 1000})


async def _write(send: Send, outcome: Outcome, *, tty: bool) -> None:
    """Both streams; on a terminal there is only one, and its lines end as a terminal's do."""
    for channel, text in ((STDOUT, outcome.stdout), (STDOUT if tty else STDERR, outcome.stderr)):
        if text:
            encoded = (text.replace("\n", "\r\n") if tty else text).encode()
            await send({"type": "websocket.send", "bytes": bytes([channel]) + encoded})


async def _input(receive: Receive) -> str:
    """Standard input until the client closes it (v5), says so (end of file, `exit()`), or goes away."""
    data = b""
    while not data.endswith(_END):
        message = await receive()
        if message["type"] != "websocket.receive":
            break
        frame = message.get("bytes") or (message.get("text") or "").encode()
        if frame[:2] == bytes([CLOSE, STDIN]):
            break
        if frame[:1] == bytes([STDIN]):
            data += frame[1:]
    return data.removesuffix(b"\x04").decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")


def _status(outcome: Outcome) -> Object:
    if outcome.exit_code == 0:
        return SUCCESS
    code = str(outcome.exit_code)
    message = f"command terminated with non-zero exit code: error executing command, exit code {code}"
    causes = [{"reason": "ExitCode", "message": code}]
    failure = {"status": "Failure", "message": message, "reason": "NonZeroExitCode"}
    return {"metadata": {}} | failure | {"details": {"causes": causes}}


def _failure(text: str) -> Object:
    message = f"Internal error occurred: error executing command in container: failed to exec in container: {text}"
    failure = {"status": "Failure", "message": message, "reason": "InternalError", "code": 500}
    return {"metadata": {}} | failure | {"details": {"causes": [{"message": text}]}}
