"""Around the recorded Authentik: the cluster in the naming's words, the proxy's routes, and Argo CD's settings."""

from __future__ import annotations

import base64
import json
from copy import deepcopy

from lab.authentik.accounts import stable_uuid
from lab.cluster.objects import new
from lab.cluster.state import Identity
from lab.world import World
from selftests.contract.naming import Naming

FIRST = "2026.5"
SERVER_POD = "authentik-server-t6jsvdfwhs-bjj26"
INSPECTOR = "token of the inspector"
NOBODY = "token of nobody"
RBAC = "rbac.authorization.k8s.io"
READ = ["get", "list", "watch"]
INSPECTING = [
    {
        "verbs": READ,
        "apiGroups": ["", "apps", "batch", "networking.k8s.io", "discovery.k8s.io"],
        "resources": [
            *("namespaces", "nodes", "pods", "pods/log", "services", "endpoints", "endpointslices", "configmaps"),
            *(
                "serviceaccounts",
                "events",
                "deployments",
                "replicasets",
                "statefulsets",
                "jobs",
                "cronjobs",
                "ingresses",
            ),
        ],
    },
    {"verbs": READ, "apiGroups": ["external-secrets.io", "traefik.io", "argoproj.io"], "resources": ["*"]},
    {"verbs": ["get", "list"], "apiGroups": [RBAC], "resources": ["clusterrolebindings", "clusterroles"]},
    {"verbs": ["get", "create"], "apiGroups": [""], "resources": ["pods/exec"]},
]


def plant(world: World, tell: Naming, release: str) -> None:
    """Change the seeded surroundings into the recorded ones."""
    _inspector(world, tell)
    _cluster(world, tell)
    if release == FIRST:
        _edge(world, tell)
    else:
        _later_edge(world)
    _argocd(world, tell)


def _inspector(world: World, tell: Naming) -> None:
    """The recorder's ServiceAccount, which reads everything but Secrets, and a user without any right."""
    cluster, (namespace, name) = world.cluster, (tell("sso-audit"), tell("inspector"))
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    identity = Identity(f"system:serviceaccount:{namespace}:{name}", groups, f"sa-{name}")
    cluster.identities |= {INSPECTOR: identity, NOBODY: Identity("nobody", ("system:authenticated",), "nobody")}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": name}
    at = "2026-11-23T21:00:00Z"
    cluster.put(new(f"{RBAC}/v1", "ClusterRole", name, created=at, rules=deepcopy(INSPECTING)))
    cluster.put(new(f"{RBAC}/v1", "ClusterRoleBinding", name, created=at, subjects=[subject], roleRef=role))
    for line in range(0, 100, 10):
        cluster.log("authentik", cluster.server_pods[0], f'level=info msg="server line {line}"')


def _cluster(world: World, tell: Naming) -> None:
    """Tell all objects in the naming's words."""
    cluster = world.cluster
    for key, obj in list(cluster.objects.items()):
        told = json.loads(tell(json.dumps(obj)))
        if told != obj:
            # Argo CD looks for its own Secret by name, whatever its host is called.
            if obj["metadata"]["name"] != "argocd-oidc":
                del cluster.objects[key]
            cluster.put(told)
    cluster.applications = {(tell(namespace), tell(pod)): key for (namespace, pod), key in cluster.applications.items()}


def _edge(world: World, tell: Naming) -> None:
    """The recorded proxy's routes besides the runbook's; all its applications share a chain of one middleware."""
    cluster = world.cluster
    gated = [{"name": "authentik-forwardauth", "namespace": "traefik-system"}]
    source = cluster.get("ingressroutes", tell("longhorn") + "-system", tell("longhorn"))
    for name, chain in {
        "open": [],
        "noprovider": gated,
        "nomw": [{"name": "nosuch", "namespace": "traefik-system"}],
        "denied": [{"name": "allow", "namespace": "traefik-system"}],
        "dead": [{"name": "dead-auth", "namespace": "traefik-system"}],
        "backdown": [],
    }.items():
        route = deepcopy(source)
        route["metadata"] |= {"name": name, "uid": stable_uuid("route", name)}
        rule = route["spec"]["routes"][0]
        rule["match"], rule["middlewares"] = f"Host(`{name}.frank.derio.net`)", chain
        if name == "backdown":
            rule["services"] = [{"name": "backdown", "port": 80}]
        cluster.put(route)
    middleware = cluster.get("middlewares.traefik.io", "traefik-system", "authentik-forwardauth")
    middleware["spec"]["forwardAuth"]["authResponseHeaders"].remove("X-authentik-entitlements")
    for name, spec in {
        "allow": {"ipAllowList": {"sourceRange": ["10.0.0.0/8"]}},
        "dead-auth": {"forwardAuth": {"address": "http://nobody.authentik.svc:80/a", "trustForwardHeader": True}},
    }.items():
        made = deepcopy(middleware)
        made["metadata"] |= {"name": name, "uid": stable_uuid("middleware", name)}
        made["spec"] = spec
        cluster.put(made)
    _dead_backend(world, tell)
    for name in ("ip-allowlist", "security-headers"):
        cluster.delete("middlewares.traefik.io", "traefik-system", name)
    world.edge.redirect_port = 8443
    for route in cluster.list("ingressroutes"):
        for rule in route["spec"]["routes"]:
            if len(rule.get("middlewares") or []) > 1:
                rule["middlewares"] = [one for one in rule["middlewares"] if one["name"] == "authentik-forwardauth"]


def _later_edge(world: World) -> None:
    """The later recorder's routes were the runbook's, with headers of its own."""
    headers = world.cluster.get("middlewares.traefik.io", "traefik-system", "security-headers")
    headers["spec"]["headers"] = {
        "stsSeconds": 15552000,
        "frameDeny": True,
        "customFrameOptionsValue": "SAMEORIGIN",
        "contentTypeNosniff": True,
        "browserXssFilter": True,
        "referrerPolicy": "strict-origin-when-cross-origin",
    }


def _dead_backend(world: World, tell: Naming) -> None:
    """A Service whose only endpoint is an address where nobody listens."""
    cluster, namespace, front = world.cluster, f"{tell('longhorn')}-system", f"{tell('longhorn')}-frontend"
    down = deepcopy(cluster.get("services", namespace, front))
    down["metadata"] |= {"name": "backdown", "uid": stable_uuid("service", "backdown")}
    cluster.put(down)
    source = next(
        piece
        for piece in cluster.list("endpointslices", namespace)
        if piece["metadata"]["labels"]["kubernetes.io/service-name"] == front
    )
    piece = deepcopy(source)
    piece["metadata"] |= {"name": "backdown-1", "uid": stable_uuid("slice", "backdown")}
    piece["metadata"]["labels"]["kubernetes.io/service-name"] = "backdown"
    piece["endpoints"][0]["addresses"] = ["10.42.9.9"]
    cluster.put(piece)


def _argocd(world: World, tell: Naming) -> None:
    application = world.applications["argocd"]
    issuer = tell(application.issuer)
    application.base_url, application.issuer = tell(application.base_url), issuer
    application.client_id = tell("argocd-client-id")
    secret = world.cluster.get("secrets", "argocd", "argocd-oidc")
    value = tell("argocd-client-secret-0123456789abcdef")
    secret["data"]["oidc.authentik.clientSecret"] = base64.b64encode(value.encode()).decode()
    for name in ("authorize_url", "token_url", "userinfo_url"):
        setattr(application, name, tell(getattr(application, name)))
    application.discovery = {
        issuer: {
            "issuer": issuer,
            "authorization_endpoint": application.authorize_url,
            "token_endpoint": application.token_url,
            "jwks_uri": f"{issuer}jwks/",
        }
    }
    application.role_of = lambda claims: "admin" if tell("platform-admins") in claims.get("groups", ()) else "readonly"
