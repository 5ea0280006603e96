"""What the self-tests share: one running lab, healed after each test, a client of it, and runs of the suite."""

import fcntl
import gc
import http.client
import json
import os
import pickle
import socket
import ssl
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

# pytest takes the modules of selftests/deploy for a package `deploy`, unless the project's own is known by then.
import deploy  # noqa: F401
from lab.faults import load
from lab.lab import Lab
from selftests.support.reaching import REACHING
from selftests.support.suite_runs import RunOf, SuiteRun, run_suite

# Fixtures that several folders take.
pytest_plugins = ("selftests.support.cluster_api", "selftests.support.writing_stage")
SECONDS = 10
# What mostly waits (for deadlines, moments, second factors). Taken first it keeps one worker, while the others have the
# cores for themselves; at the end there would be nothing left to do beside it.
WAITING = {
    "doors/test_shell_door.py", "engine/test_progress.py", "engine/test_settling_runs.py",
    "engine/test_settling_writes.py", "hostile/test_corpus.py", "plugin/test_canaries.py", "topics/test_logins.py",
    "topics/test_minting.py", "topics/test_writes.py",
}  # fmt: skip
# No lab has a certificate of the usual authorities, and reading them was 20 ms of each run.
os.environ |= {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


@dataclass(frozen=True)
class Reply:
    """An answer as it came: nothing followed, nothing decoded."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def __getitem__(self, name: str) -> str:
        return self.headers[name]


Ask = Callable[..., Reply]


class Client:
    """Asks a lab by the estate's own names; the request target is sent byte for byte."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self.tls = ssl.create_default_context(cadata=lab.ca_pem.decode())

    def __call__(
        self,
        url: str,
        method: str = "GET",
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        _, _, rest = url.partition("://")
        authority, slash, tail = rest.partition("/")
        connection = http.client.HTTPConnection(authority, timeout=SECONDS)
        connection.sock = self.connect(url)
        try:
            connection.putrequest(method, slash + tail or "/", skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def connect(self, url: str) -> socket.socket:
        """A connection to where the lab serves this address, with the TLS of its scheme."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}[parts.scheme]
        routes = self._lab.connect_to
        pattern = f"*.{host.partition('.')[2]}:{port}"
        address, _, at = (routes.get(f"{host}:{port}") or routes[pattern]).rpartition(":")
        plain = socket.create_connection((address, int(at)), timeout=SECONDS)
        if parts.scheme == "http":
            return plain
        try:
            return self.tls.wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option of the self-tests."""
    parser.addoption(
        "--whole", action="store_true", help="put each fault before the whole suite, and not only what it can reach"
    )


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Two workers a core: half of their time they wait, for answers that come late on purpose."""
    cores = yield
    return 2 * cores


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What mostly waits comes first; otherwise the order stays."""
    items.sort(key=lambda item: "/".join(item.path.parts[-2:]) not in WAITING)


def pytest_collection_finish() -> None:
    """What is collected stays until the end: looking through it for garbage again and again was an eighth of a run."""
    gc.freeze()


@pytest.fixture(scope="session")
def served_lab() -> Iterator[Lab]:
    """One lab for the whole session."""
    with Lab() as served:
        yield served


@pytest.fixture
def lab(served_lab: Lab) -> Iterator[Lab]:
    """The running lab, healthy and with an empty audit; healed again afterwards."""
    served_lab.audit.clear()
    yield served_lab
    served_lab.latency = 0.0
    served_lab.heal()


@pytest.fixture
def ask(lab: Lab) -> Client:
    """Ask the running lab: `ask("https://auth.frank.derio.net/", headers={…})`."""
    return Client(lab)


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A folder of all xdist's workers; this process's own where there are none."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(pytestconfig, "workerinput") else own


@pytest.fixture(scope="session")
def made_once(shared_folder: Path) -> Callable[..., SuiteRun]:
    """What a function makes of its arguments: called once, whoever of xdist's workers asks again."""

    def once(function: Callable[..., SuiteRun], *arguments: Any) -> SuiteRun:
        key = json.dumps([function.__qualname__, *arguments])
        path = shared_folder / f"run-{sha256(key.encode()).hexdigest()}"
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                path.write_bytes(pickle.dumps(function(*arguments)))
        return pickle.loads(path.read_bytes())

    return once


@pytest.fixture(scope="session")
def run_of(made_once: Callable[..., SuiteRun]) -> RunOf:
    """A run of the suite by its arguments, `run_of("--lab")`, made once."""
    return partial(made_once, run_suite)


@pytest.fixture(scope="session")
def run_under(run_of: RunOf, pytestconfig: pytest.Config) -> RunOf:
    """A run under faults, `run_under("issuer-mode-global", …)`: of what they can reach, with --whole of everything."""
    part = () if pytestconfig.getoption("whole") else REACHING
    known = load()

    def run(*names: str, options: tuple[str, ...] = ()) -> SuiteRun:
        given = (option for name in names for option in ("--lab-fault", name, *known[name].options))
        return run_of("--lab", *given, *options, *part)

    return run
