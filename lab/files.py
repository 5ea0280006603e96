"""The files by which the lab is used: estate file, kubeconfig, the authority, and the shell's environment.

All of them but the authority's certificate are readable by their owner alone: they name or hold credentials.
"""

from __future__ import annotations

import json
import shlex
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import tomli_w
import yaml

from lab import names
from lab.world import World

ESTATE_TEXT: Final = Path(__file__).parent.parent / "estates" / "lab.toml"
SUITE_CONTEXT: Final = "lab-suite"
ADMIN_CONTEXT: Final = "lab-admin"

_EXTRA_OIDC: Final = """
[[oidc]]
name = "{name}"
kind = "generic"
slug = "{name}"
url = "https://{host}"
client_id = "{name}"
redirect_uris = ["https://{host}/callback"]
login_start = "/login"
role = "developers"
workload = "{name}/deployment/{name}"

[oidc.login]
session_url = "https://{host}/me"
contains = "conformance-probe"
role_contains = "developers"
logout_url = "https://{host}/logout"

[oidc.secret]
name = "{name}/oidc-client"
key = "OIDC_CLIENT_SECRET"
read_value = true
external_secret = true
store = "infisical"
"""
_EXTRA_GATED: Final = """
[[forward_auth]]
name = "{name}"
url = "https://{host}"
route = "{name}/ingressroute/{name}"
backend = "{name}/service/{name}"
workload = "{name}/deployment/{name}"
"""


def environment(world: World) -> dict[str, str]:
    """The credentials that the lab's estate file names, by the environment variable it names them with."""
    drawn = world.secrets
    return {
        "AUTHENTIK_TOKEN": drawn.api_token,
        "AUTHENTIK_WRITE_TOKEN": drawn.bootstrap_token,
        "SSO_PROBE_PASSWORD": drawn.probe_password,
        "SSO_EXCLUDED_PASSWORD": drawn.user_password,
        "SSO_GATE_APP_PASSWORD": drawn.gate_app_password,
        "SSO_CLIENT_SECRET": drawn.conformance_client_secret,
    }


def write_all(
    folder: Path,
    world: World,
    ca_pem: bytes,
    connect_to: Mapping[str, str],
    kubernetes_port: int,
    describe: Callable[[dict[str, Any]], None] | None,
) -> Path:
    """Write estate.toml, network.toml, kubeconfig, ca.pem, .curlrc and env.sh into `folder`; returns the estate's path.

    `describe` changes what the estate file says, where the world is not the runbook's.
    """
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "ca.pem").write_bytes(ca_pem)
    server = f"https://127.0.0.1:{kubernetes_port}"
    write_private(folder / "kubeconfig", kubeconfig(world, server, folder / "ca.pem"))
    write_private(folder / ".curlrc", curlrc(folder / "ca.pem", connect_to))
    # A draft is given Authentik's address as it is, since nothing leads there from another one yet.
    itself = {to: to for name, to in connect_to.items() if name == names.DIRECT_ADDRESS}
    write_private(folder / "network.toml", network_text(folder, {**connect_to, **itself}))
    write_private(folder / "env.sh", shell_environment(folder, world, connect_to))
    estate = folder / "estate.toml"
    text = estate_text(folder, world, connect_to)
    write_private(estate, text if describe is None else _described(text, describe))
    return estate


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def estate_text(folder: Path, world: World, connect_to: Mapping[str, str]) -> str:
    """The repository's estates/lab.toml, completed by where this lab listens and its extra applications."""
    reached = f"""
{network_text(folder, connect_to)}
[cluster]
kubeconfig = {json.dumps(str(folder / "kubeconfig"))}
context = "{SUITE_CONTEXT}"
operator_context = "{ADMIN_CONTEXT}"
"""
    forms = [(_EXTRA_OIDC, name) for name in world.extra_oidc]
    forms += [(_EXTRA_GATED, name) for name in world.extra_gated]
    extras = (form.format(name=name, host=names.public_host(name)) for form, name in forms)
    return ESTATE_TEXT.read_text(encoding="utf-8") + reached + "".join(extras)


def network_text(folder: Path, connect_to: Mapping[str, str]) -> str:
    """The table that leads an estate file's names to this lab; that of a cluster of one's own needs none."""
    routes = ", ".join(f"{json.dumps(name)} = {json.dumps(to)}" for name, to in connect_to.items())
    return f"""\
[network]
ca_file = {json.dumps(str(folder / "ca.pem"))}
isolated = true
connect_to = {{ {routes} }}
"""


def _described(text: str, describe: Callable[[dict[str, Any]], None]) -> str:
    table = tomllib.loads(text)
    describe(table)
    return tomli_w.dumps(table)


def kubeconfig(world: World, server: str, ca_file: Path) -> str:
    """Two contexts: the suite's own ServiceAccount, and an administrator for people, the current one."""
    tokens = {
        SUITE_CONTEXT: world.secrets.kubernetes_suite_token,
        ADMIN_CONTEXT: world.secrets.kubernetes_admin_token,
    }
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "lab", "cluster": {"server": server, "certificate-authority": str(ca_file)}},
        ],
        "users": [{"name": name, "user": {"token": token}} for name, token in tokens.items()],
        "contexts": [{"name": name, "context": {"cluster": "lab", "user": name}} for name in tokens],
        "current-context": ADMIN_CONTEXT,
    }
    return yaml.safe_dump(content, sort_keys=False)


def curlrc(ca_file: Path, connect_to: Mapping[str, str]) -> str:
    """What curl needs to reach the lab by the estate's names, in the form of a .curlrc."""
    lines = [f'cacert = "{ca_file}"', *(f'connect-to = "{entry}"' for entry in _curl_routes(connect_to))]
    return "\n".join(lines) + "\n"


def shell_environment(folder: Path, world: World, connect_to: Mapping[str, str]) -> str:
    """Shell lines that export the lab's credentials and lead kubectl, curl and pytest to it."""
    options = [f"--cacert {folder / 'ca.pem'}"]
    options += [f"--connect-to {entry}" for entry in _curl_routes(connect_to)]
    exported = {
        **environment(world),
        "KUBECONFIG": str(folder / "kubeconfig"),
        "SSO_ESTATE": str(folder / "estate.toml"),
        # curl reads $CURL_HOME/.curlrc: with it the runbook's lines work as they stand.
        "CURL_HOME": str(folder),
        "CURL_LAB": " ".join(options),
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in exported.items()]
    return "# For a shell: . env.sh\n" + "\n".join(lines) + "\n"


def _curl_routes(connect_to: Mapping[str, str]) -> list[str]:
    """For curl, which knows no patterns: an empty host means any, and the first that fits is taken."""
    exact = [f"{name}:{to}" for name, to in connect_to.items() if not name.startswith("*.")]
    return exact + [f":{name.rpartition(':')[2]}:{to}" for name, to in connect_to.items() if name.startswith("*.")]
