"""The lab's Kubernetes API on a port of its own, and the clients that the self-tests ask it with."""

import json
import ssl
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest
import trustme
import uvicorn

from lab.cluster.app import build
from lab.world import World
from selftests.support.lab_process import tool

METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
GRAFANA_SECRET = "/api/v1/namespaces/grafana/secrets/grafana-oidc"
GRAFANA_SYNC = "/apis/external-secrets.io/v1/namespaces/grafana/externalsecrets/grafana-oidc"
DEPLOYMENTS = "/apis/apps/v1/namespaces/authentik/deployments"
PODS = "/api/v1/namespaces/authentik/pods"
MINT = """
from authentik.core.models import Token, TokenIntents, User
user = User.objects.get(username="akadmin")
token, _ = Token.objects.get_or_create(
    identifier="selftest", defaults={"intent": TokenIntents.INTENT_API, "user": user}
)
print(token.key)
"""


class Api:
    """The API server of one world, listening on 127.0.0.1 with a certificate of its own."""

    def __init__(self, directory: Path) -> None:
        self.world = World(extra_applications=1)
        authority = trustme.CA()
        self.ca, leaf = directory / "ca.pem", directory / "leaf.pem"
        authority.cert_pem.write_to_path(str(self.ca))
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(leaf))
        config = uvicorn.Config(
            build(self.world),
            host="127.0.0.1",
            port=0,
            ssl_certfile=str(leaf),
            ws="websockets-sansio",
            log_level="critical",
            lifespan="off",
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"https://127.0.0.1:{port}"
        self.directory = directory

    def client(self, token: str | None) -> httpx.Client:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        context = ssl.create_default_context(cafile=str(self.ca))
        return httpx.Client(base_url=self.url, headers=headers, verify=context, trust_env=False)

    def kubeconfig(self, name: str, token: str) -> Path:
        path = self.directory / f"{name}.json"
        cluster = {"server": self.url, "certificate-authority": str(self.ca)}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "lab", "cluster": cluster}],
            "users": [{"name": name, "user": {"token": token}}],
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": name}}],
            "current-context": "lab",
        }
        path.write_text(json.dumps(config))
        return path


@pytest.fixture(scope="module")
def running_api(tmp_path_factory):
    api = Api(tmp_path_factory.mktemp("cluster"))
    yield api
    api.server.should_exit = True
    api.thread.join(10)


@pytest.fixture
def api(running_api):
    running_api.world.heal()
    return running_api


@pytest.fixture
def operator(api):
    """A client with all rights."""
    with api.client(api.world.secrets.kubernetes_admin_token) as client:
        yield client


@pytest.fixture
def service_account(api):
    """A client with the rights of the suite's ServiceAccount."""
    with api.client(api.world.secrets.kubernetes_suite_token) as client:
        yield client


@pytest.fixture
def kubectl(api):
    program = tool("kubectl")

    def run(*arguments: str, user: str = "admin", stdin: str = "") -> subprocess.CompletedProcess[str]:
        token = getattr(api.world.secrets, f"kubernetes_{user}_token")
        config = api.kubeconfig(user, token)
        command = [program, f"--kubeconfig={config}", f"--cache-dir={api.directory}/cache-{user}"]
        return subprocess.run(
            [*command, *arguments], input=stdin, capture_output=True, text=True, timeout=30, check=False
        )

    return run
