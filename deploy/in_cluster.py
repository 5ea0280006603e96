"""An estate file as the suite's pods need it: their own ServiceAccount, the inside, and credentials from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

from fixtures.estate import Estate, load_estate, parse_estate
from fixtures.estate.certificates import no_certificates_in
from fixtures.estate.loading import tables_of
from fixtures.estate.urls import bracketed, is_loopback_name
from fixtures.model.errors import EstateError
from fixtures.model.files import text_of

Table = dict[str, Any]

# Where the pod template mounts the ConfigMap and the credentials' Secret.
ESTATE_FOLDER: Final = "/etc/sso-conformance"
CREDENTIALS_FOLDER: Final = "/etc/sso-conformance-credentials"
AUTHORITY: Final = "ca.pem"
KEYS: Final = {
    ("authentik", "token"): "api-token",
    ("authentik", "write_token"): "write-token",
    ("probe_user", "password"): "probe-password",
    ("probe_user", "totp_seed"): "probe-totp-seed",
    ("excluded_user", "password"): "excluded-password",
    ("excluded_user", "totp_seed"): "excluded-totp-seed",
    ("service_account", "app_password"): "gate-app-password",
    ("client", "client_secret"): "client-secret",
}
"""Every credential of an estate file, and its key in the Secret sso-conformance-credentials."""
_WAY_OUT: Final = "name what a pod reaches, such as the Service: http://authentik-server.authentik.svc"
# What a Job could not verify, nobody reads: what was given must be there, or the run is red.
_REQUIRED: Final = {
    "api": ("authentik", "token"),
    "user": ("probe_user", "password"),
    "client": ("client", "client_secret"),
}


def variable(key: str) -> str:
    """What the blueprint, and a store of secrets, call a credential: api-token → SSO_CONFORMANCE_API_TOKEN."""
    return f"SSO_CONFORMANCE_{key.upper().replace('-', '_')}"


class InCluster(NamedTuple):
    """The estate for the pods: its tables, its model, the keys of the credentials' Secret that it reads, and the
    text of its private authority, "" without one."""

    tables: Table
    estate: Estate
    keys: tuple[str, ...]
    authority: str


def in_cluster(path: Path, *, writes: bool, own_application: str) -> InCluster:
    """Comes in: an estate file of a laptop or CI; whether the pods may write; their ArgoCD Application, as
    namespace/name. Goes out: the same estate seen from a pod. Raises EstateError."""
    estate = load_estate(path)
    _refuse_this_machine(estate)
    tables = tables_of(path)
    if not writes:
        tables["authentik"].pop("write_token", None)
    tables["cluster"] = {"in_cluster": True}
    keys = _mounted(tables)
    suite = tables.setdefault("suite", {})
    suite |= {"vantage": "inside", "require": _required(tables)}
    if estate.gitops:
        suite.setdefault("argocd_application", own_application)
    return InCluster(tables, parse_estate(tables, str(path), path.parent), keys, _authority(tables, estate))


def _refuse_this_machine(estate: Estate) -> None:
    """Raise EstateError for an address of this machine, as of a forwarded port: in a pod that is the pod itself."""
    for place in sorted(estate.hosts()):
        if is_loopback_name(place.host):
            told = f"{place.scheme}://{bracketed(place.host)}:{place.port}"
            raise EstateError(told, "is this machine, and in a pod the pod itself", _WAY_OUT)


def _mounted(tables: Table) -> tuple[str, ...]:
    """Let each credential of this machine be a file of the mounted Secret; those of the cluster stay as they are."""
    used = []
    for (table, name), key in KEYS.items():
        source = tables.get(table, {}).get(name, {})
        if "env" in source or "file" in source:
            tables[table][name] = {"file": f"{CREDENTIALS_FOLDER}/{key}"}
            used.append(key)
    return tuple(used)


def _required(tables: Table) -> list[str]:
    given = [need for need, (table, name) in _REQUIRED.items() if name in tables.get(table, {})]
    return sorted({*tables.get("suite", {}).get("require", ()), "cluster", "inside", *given})


def _authority(tables: Table, estate: Estate) -> str:
    """The private authority's text, for the ConfigMap; and no port-forwards: a pod reaches Services by itself."""
    network = tables.get("network", {})
    network.pop("port_forward", None)
    if estate.network.ca_file is None:
        return ""
    network["ca_file"] = f"{ESTATE_FOLDER}/{AUTHORITY}"
    if problem := no_certificates_in(estate.network.ca_file):
        raise EstateError("network.ca_file", problem, "name a file with the CA's certificates in PEM")
    return text_of(estate.network.ca_file, "")
