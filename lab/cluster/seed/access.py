"""Who may do what: the built-in roles every cluster has, and the suite's least-privilege ServiceAccount."""

from __future__ import annotations

from typing import Final

from lab.cluster.objects import Age, new, uid
from lab.cluster.rbac import service_account
from lab.cluster.state import Cluster, Identity, Object
from lab.world import World

ACCOUNT: Final = "sso-conformance"
PROXY: Final = "traefik"
RBAC: Final = "rbac.authorization.k8s.io"
_PUBLIC: Final = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_DISCOVERY: Final = ("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*")


def _rule(groups: tuple[str, ...], resources: tuple[str, ...], verbs: tuple[str, ...], *named: str) -> Object:
    rule: Object = {"apiGroups": list(groups), "resources": list(resources), "verbs": list(verbs)}
    return rule | {"resourceNames": list(named)} if named else rule


def _lists(group: str, *resources: str) -> list[Object]:
    return [_rule((group,), (resource,), ("list",)) for resource in resources]


def _paths(*paths: str) -> Object:
    return {"nonResourceURLs": list(paths), "verbs": ["get"]}


def _reviews(*rules: tuple[str, str]) -> list[Object]:
    return [_rule((group,), (resource,), ("create",)) for group, resource in rules]


# What other controllers lead hosts by, and put gates before them with.
_OF_OTHERS: Final = (
    ("agentgateway.dev", "agentgatewaypolicies"),
    ("apisix.apache.org", "apisixroutes"),
    ("configuration.konghq.com", "tcpingresses"),
    ("gateway.kgateway.dev", "trafficpolicies"),
    ("getambassador.io", "mappings"),
    ("k8s.nginx.org", "virtualservers"),
    ("kuadrant.io", "authpolicies"),
    ("networking.istio.io", "virtualservices"),
    ("projectcontour.io", "httpproxies"),
    ("route.openshift.io", "routes"),
    ("security.istio.io", "authorizationpolicies"),
    ("zalando.org", "routegroups"),
)
_GROUPS: Final = ("traefik.io", "traefik.containo.us")
_TRAEFIKS: Final = ("ingressroutes", "ingressroutetcps", "middlewares", "traefikservices")
CLUSTER_ROLES: Final[dict[str, list[Object]]] = {
    "cluster-admin": [_rule(("*",), ("*",), ("*",)), {"nonResourceURLs": ["*"], "verbs": ["*"]}],
    "system:public-info-viewer": [_paths(*_PUBLIC)],
    "system:discovery": [_paths(*_PUBLIC, *_DISCOVERY)],
    "system:basic-user": _reviews(
        ("authorization.k8s.io", "selfsubjectaccessreviews"),
        ("authorization.k8s.io", "selfsubjectrulesreviews"),
        ("authentication.k8s.io", "selfsubjectreviews"),
    ),
    # The suite's own rights are those of deploy/rights.py; a self-test compares them.
    # As Traefik's own manual has it.
    PROXY: [
        _rule(("",), ("services", "secrets"), ("get", "list", "watch")),
        _rule(("discovery.k8s.io",), ("endpointslices",), ("list", "watch")),
        _rule(("networking.k8s.io",), ("ingresses", "ingressclasses"), ("get", "list", "watch")),
        _rule(_GROUPS, ("ingressroutes", "ingressroutetcps", "middlewares"), ("get", "list", "watch")),
    ],
    ACCOUNT: [
        *_lists("", "pods", "services"),
        *_lists("apps", "deployments"),
        *_lists("argoproj.io", "applications", "appprojects"),
        *_lists("discovery.k8s.io", "endpointslices"),
        *_lists("external-secrets.io", "externalsecrets", "secretstores", "clustersecretstores"),
        *_lists("gateway.envoyproxy.io", "securitypolicies"),
        *_lists("gateway.networking.k8s.io", "gateways", "grpcroutes", "httproutes", "tcproutes", "tlsroutes"),
        *_lists("networking.cfargotunnel.com", "tunnelbindings"),
        *_lists("networking.k8s.io", "ingresses", "ingressclasses"),
        *(each for group in _GROUPS for each in _lists(group, *_TRAEFIKS)),
        *(rule for group, plural in _OF_OTHERS for rule in _lists(group, plural)),
    ],
}
# ClusterRole -> the subjects it is bound to.
_BINDINGS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "cluster-admin": (("Group", "system:masters"),),
    "system:public-info-viewer": (("Group", "system:authenticated"), ("Group", "system:unauthenticated")),
    "system:discovery": (("Group", "system:authenticated"),),
    "system:basic-user": (("Group", "system:authenticated"),),
    PROXY: (("ServiceAccount", "traefik-system/traefik"),),
    ACCOUNT: (("ServiceAccount", ACCOUNT),),
}


def _local_rules(world: World) -> dict[str, list[Object]]:
    """Namespace -> what the suite may read there besides. A Role cannot select by label: names or all."""
    secret = _rule(("",), ("secrets",), ("get",), "grafana-oidc")
    argocd = _rule(("",), ("secrets",), ("get",), "argocd-oidc")
    settings = _rule(("",), ("configmaps",), ("get",), "argocd-cm")
    client = _rule(("",), ("secrets",), ("get",), "oidc-client")
    logs = _rule(("",), ("pods/log",), ("get",))
    return {
        "authentik": [*_lists("", "configmaps"), logs],
        "grafana": [secret],
        "argocd": [argocd, settings],
        **{name: [client] for name in world.extra_oidc},
        **{name: [client, logs] for name in world.relying_parties},
    }


def _writing_rules() -> dict[str, list[Object]]:
    """Namespace -> what the suite may change there, where the operator allows that (deploy/rights.py)."""
    # Since Kubernetes 1.35 an exec over WebSocket is a get that needs leave to create as well.
    shell = _rule(("",), ("pods/exec",), ("create", "get"))
    forcing = {
        namespace: [_rule(("external-secrets.io",), ("externalsecrets",), ("patch",), f"{namespace}-oidc")]
        for namespace in ("argocd", "grafana")
    }
    return {"authentik": [shell], **forcing}


def _subject(kind: str, name: str) -> Object:
    if kind == "ServiceAccount":
        namespace, _, own = name.rpartition("/")
        return {"kind": kind, "name": own, "namespace": namespace or ACCOUNT}
    return {"kind": kind, "name": name, "apiGroup": RBAC}


def _binding(kind: str, name: str, role: str, subjects: list[Object], created: str, *, namespace: str = "") -> Object:
    reference = {"apiGroup": RBAC, "kind": role, "name": name}
    made = new(f"{RBAC}/v1", kind, name, namespace, created=created, subjects=subjects)
    return made | {"roleRef": reference}


def identities(world: World) -> dict[str, Identity]:
    """The two tokens of the lab: the administrator's and the suite's."""
    account = service_account(ACCOUNT, ACCOUNT)
    return {
        world.secrets.kubernetes_admin_token: Identity(
            "kubernetes-admin", ("system:masters", "system:authenticated"), "admin"
        ),
        world.secrets.kubernetes_suite_token: account._replace(uid=uid("ServiceAccount", ACCOUNT, ACCOUNT)),
    }


def plant(world: World, cluster: Cluster, age: Age) -> None:
    """Put the roles, their bindings and the suite's ServiceAccount, and make the tokens known."""
    cluster.identities = identities(world)
    created = age.created
    cluster.put(new("v1", "ServiceAccount", ACCOUNT, ACCOUNT, created=created))
    for name, rules in CLUSTER_ROLES.items():
        copies = [dict(rule) for rule in rules]
        cluster.put(new(f"{RBAC}/v1", "ClusterRole", name, created=created, rules=copies))
        subjects = [_subject(kind, subject) for kind, subject in _BINDINGS[name]]
        cluster.put(_binding("ClusterRoleBinding", name, "ClusterRole", subjects, created))
    _plant_roles(cluster, ACCOUNT, _local_rules(world), created)
    if world.allow_writes:
        _plant_roles(cluster, f"{ACCOUNT}-writes", _writing_rules(), created)


def _plant_roles(cluster: Cluster, name: str, rules: dict[str, list[Object]], created: str) -> None:
    """A Role in each namespace, bound to the suite's ServiceAccount."""
    for namespace, found in rules.items():
        cluster.put(new(f"{RBAC}/v1", "Role", name, namespace, created=created, rules=found))
        subjects = [_subject("ServiceAccount", ACCOUNT)]
        cluster.put(_binding("RoleBinding", name, "Role", subjects, created, namespace=namespace))
