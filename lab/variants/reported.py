"""Sound configurations that operators reported in public, or that were measured (shared field/reports.md, facts)."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lab import names, seeded
from lab.applications.secrets import restart
from lab.arrangements import (
    ENVOY,
    ENVOYS,
    allow_external_names,
    lead_outpost_path,
    put_http_route,
    put_object,
    put_outpost_service,
    put_parent_route,
    put_security_policy,
)
from lab.authentik.accounts import stable_uuid
from lab.authentik.providers import PolicyBinding
from lab.cluster.seed.access import ACCOUNT
from lab.registry import Table
from lab.variants import variant
from lab.world import World

OUTPOST_SERVICE = "ak-outpost-authentik-embedded-outpost"
_GRAFANA_KEY = "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"


@variant(
    "outpost-path-by-a-route",
    of=("path-past-the-gate",),
)
def outpost_path_by_a_route(world: World) -> None:
    """A route of its own leads the outpost's path on Longhorn's host to Authentik (field/reports.md 2)."""
    lead_outpost_path(world, {"name": "authentik-server", "port": 80})


@variant(
    "outpost-path-to-its-own-service",
    of=("path-past-the-gate",),
)
def outpost_path_to_its_own_service(world: World) -> None:
    """The outpost's path leads to the Service that Authentik makes for the embedded outpost (field/reports.md 3)."""
    put_outpost_service(world, OUTPOST_SERVICE, "authentik", ("authentik", "authentik-server"))
    lead_outpost_path(world, {"name": OUTPOST_SERVICE, "port": 9000})


@variant(
    "outpost-path-by-an-external-name",
    of=("path-past-the-gate",),
)
def outpost_path_by_an_external_name(world: World) -> None:
    """The outpost's path leads to Authentik by an ExternalName Service in Longhorn's namespace (field/reports.md 3)."""
    spec = {"type": "ExternalName", "externalName": "authentik-server.authentik.svc.cluster.local"}
    allow_external_names(world)
    put_object(world, "v1", "Service", "authentik", "longhorn-system", spec=spec)
    lead_outpost_path(world, {"name": "authentik", "port": 80}, "longhorn-system")


@variant(
    "gate-in-a-parent-route",
    of=("middleware-missing-on-route",),
)
def gate_in_a_parent_route(world: World) -> None:
    """One route holds Longhorn's host and the gate, the application's own hangs below it (field/reports.md 7)."""
    put_parent_route(world, ("ip-allowlist", "security-headers", "authentik-forwardauth"))


@variant(
    "http-route-with-external-auth",
    of=("http-route-past-the-gate",),
)
def http_route_with_external_auth(world: World) -> None:
    """An HTTPRoute leads to Hubble too, and has the gate as its ExternalAuth filter (field/reports.md 6)."""
    backend = {"name": "authentik-server", "namespace": "authentik", "port": 80}
    ask = {"protocol": "HTTP", "backendRef": backend, "http": {"path": ENVOY}}
    put_http_route(world, {"type": "ExternalAuth", "externalAuth": ask})


@variant(
    "http-route-under-a-security-policy",
    of=("http-route-past-the-gate", "security-policy-of-another-route", "security-policy-before-another-controller"),
)
def http_route_under_a_security_policy(world: World) -> None:
    """An HTTPRoute leads to Hubble too, and Envoy Gateway's policy puts the gate before it (field/reports.md 6)."""
    put_http_route(world, controller=ENVOYS)
    put_security_policy(world, "hubble-new", ENVOYS)


@variant(
    "infisical-session-in-a-cookie",
    of=("infisical-sign-up-unfinished",),
)
def infisical_session_in_a_cookie(world: World) -> None:
    """Infisical, from 0.159.14 on, ends a login by a cookie and an organisation's page (field/reports.md 1)."""
    world.applications["infisical"].keeps_session_in_cookie = True


@variant("infisical-wants-a-new-login", of=("infisical-holds-an-old-secret",))
def infisical_wants_a_new_login(world: World) -> None:
    """Infisical asks with prompt=login always, and with PKCE as discovery offers it (facts/relying-parties.md 2.3)."""
    infisical = world.applications["infisical"]
    infisical.prompt, infisical.use_pkce = "login", True


@variant(
    "environment-of-the-chart",
    of=("host-variable-of-the-old-domain",),
)
def environment_of_the_chart(world: World) -> None:
    """Server and worker have their environment from one Secret, by the official chart, and the suite may see its keys
    (field/reports.md 11)."""
    for name in ("authentik-server", "authentik-worker"):
        container = seeded.container(world, "authentik", name)
        container["env"] = [each for each in container["env"] if each["name"] != "AUTHENTIK_HOST"]
    secret = world.cluster.get("secrets", "authentik", "authentik")
    secret["data"]["AUTHENTIK_HOST"] = base64.b64encode(names.AUTH_URL.encode()).decode()
    entry = dict(secret["metadata"]["managedFields"][0])
    entry |= {"manager": "helm", "fieldsV1": {"f:data": {"f:AUTHENTIK_HOST": {}}}}
    secret["metadata"]["managedFields"].append(entry)
    see = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["authentik"], "verbs": ["get"]}
    world.cluster.get("roles", "authentik", ACCOUNT)["rules"].append(see)


@variant(
    "external-secret-of-a-manifest",
    of=("external-secret-error",),
)
def external_secret_of_a_manifest(world: World) -> None:
    """An ExternalSecret that writes by a manifest is Ready for another reason (field/reports.md 15)."""
    found = world.cluster.get("externalsecrets", "grafana", "grafana-oidc")
    found["status"]["conditions"][0] |= {"reason": "ResourceSynced", "message": "resource synced"}


@variant(
    "secret-stores-not-served",
    of=("secret-store-invalid",),
)
def secret_stores_not_served(world: World) -> None:
    """The operator was installed without SecretStores; every ExternalSecret names a ClusterSecretStore (issue 14)."""

    def absent(request: Request, response: Response) -> Response:
        if "/secretstores" not in request.url.path:
            return response
        return JSONResponse({"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}, 404)

    world.cluster.tampering.append(absent)


@variant("task-queued-for-seconds", of=("tasks-left-in-the-queue",))
def task_queued_for_seconds(world: World) -> None:
    """A schedule was due a moment ago, and its task waits for a worker (field/reports.md 12)."""
    schedule = seeded.schedule(world, "authentik.outposts.tasks.outpost_controller")
    schedule.status, schedule.next_run = "queued", world.clock.now() - timedelta(seconds=5)


@variant(
    "gate-cookies-that-ended",
    of=("log-gate-cannot-redeem",),
)
def gate_cookies_that_ended(world: World) -> None:
    """Browsers come with gate cookies that ended: the outpost logs an error line each (facts/measured-2026.8.md)."""
    moment = world.cluster.now() - timedelta(minutes=5)
    query = "SELECT * FROM \"authentik_providers_proxy_proxysession\" WHERE session_key = 'LZJ4WQ2X' LIMIT 1"
    line = {"event": query, "level": "error", "error": "record not found", "elapsed": 812345}
    line |= {"logger": "authentik.outpost.proxyv2.application", "timestamp": moment.isoformat()[:26]}
    world.cluster.log_at(moment, "authentik", world.cluster.server_pods[0], json.dumps(line))


def _in_no_group(estate: Table) -> None:
    probe = next(user for user in estate["users"] if user["username"] == "conformance-probe")
    probe["groups"] = []
    developers = next(group for group in estate["groups"] if group["name"] == "developers")
    developers["members"].remove("conformance-probe")


@variant(
    "probe-user-in-no-group",
    of=("groups-claim-missing", "group-member-lost"),
    describe=_in_no_group,
)
def probe_user_in_no_group(world: World) -> None:
    """The probe user is in no group: ArgoCD tells of none, and its policy makes a reader of it (measured-2026.8.md).

    Where a group of it was bound to an application, it is bound in person: it may log in as before.
    """
    probe = seeded.user(world, "conformance-probe")
    for application in world.authentik.applications.values():
        for binding in application.bindings:
            if binding.group in probe.groups:
                binding.group, binding.user = None, probe.pk
    probe.groups = []


def rotate(world: World, application: str, namespace: str, name: str, key: str, value: str) -> None:
    """A new client secret everywhere: at Authentik, upstream, in the cluster, and in the application's process."""
    seeded.provider(world, application).client_secret = value
    cluster = world.cluster
    cluster.get("secrets", namespace, name)["data"][key] = base64.b64encode(value.encode()).decode()
    for entry in cluster.get("externalsecrets", namespace, name)["spec"].get("data", ()):
        if entry["secretKey"] == key:
            cluster.upstream[entry["remoteRef"]["key"]] = value
    restart(world, application)


@variant("secret-with-a-percent-sign", of=("secret-rotated-in-authentik-alone",))
def secret_with_a_percent_sign(world: World) -> None:
    """Grafana's client secret has a percent sign in it: Basic credentials carry it encoded (RFC 6749 2.3.1)."""
    rotate(world, "grafana", "grafana", "grafana-oidc", _GRAFANA_KEY, "lab-25%2541-of+it/all=")


@variant("secret-with-a-space", of=("secret-rotated-in-authentik-alone",))
def secret_with_a_space(world: World) -> None:
    """ArgoCD's client secret has a space in it, which Authentik does not decode from a plus; its form saves the login.

    Source: findings/basic-credentials-that-no-decoder-serves.sh.
    """
    rotate(world, "argocd", "argocd", "argocd-oidc", "oidc.authentik.clientSecret", "three words 0123456789 abcdef")


@variant("secret-that-begins-as-the-client-id", of=("secret-rotated-in-authentik-alone",))
def secret_that_begins_as_the_client_id(world: World) -> None:
    """ArgoCD's client secret begins with its client id, as one that was made by hand (issue 14)."""
    value = "argocd-client-secret-0123456789abcdef"
    rotate(world, "argocd", "argocd", "argocd-oidc", "oidc.authentik.clientSecret", value)


@variant("service-account-kept-out-of-another", of=("service-account-kept-out",))
def service_account_kept_out_of_another(world: World) -> None:
    """Sympozium, which the service account does not use, is bound to people by name (issue 14)."""
    users = (seeded.user(world, name) for name in ("alice", "conformance-probe"))
    world.authentik.applications["sympozium"].bindings = [
        PolicyBinding(stable_uuid("binding", f"sympozium for {user.username}"), user=user.pk) for user in users
    ]
