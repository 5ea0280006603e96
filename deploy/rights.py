"""The ServiceAccount's rights: what the suite asks the Kubernetes API for, and of which estates.

Each row of the tables is one resource, so that one of them can be taken away: what then cannot be judged is "not
verified", and the message names the rule. selftests run the suite with the rights that are made of them, for every
shape of the lab: nothing that is needed is refused, nothing is granted that is not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import yaml

from fixtures.estate import Estate
from fixtures.estate.base import Model
from fixtures.estate.names import TRAEFIK_2, GitopsRef, NamespacedName
from fixtures.estate.sources import MintCredential, SecretCredential
from fixtures.topics.gitops.questions import SOURCE_GROUP, SOURCES
from fixtures.topics.routes import tunnels
from fixtures.topics.routes.foreign import LISTED as OF_OTHERS
from fixtures.topics.secrets.grafana import is_setting


class Place(NamedTuple):
    """Where a right holds: in a namespace, all of them where it is "", for one object where that is named."""

    namespace: str = ""
    name: str = ""


class Right(NamedTuple):
    """Verbs on one resource, the checks that need them, and for an estate the places where."""

    checks: str
    group: str
    resource: str
    verbs: tuple[str, ...]
    where: Callable[[Estate], Iterable[Place]]


def _everywhere(_: Estate) -> Iterable[Place]:
    return (Place(),)


def _if_any(kind: str) -> Callable[[Estate], Iterable[Place]]:
    """Everywhere, for estates that name a workload of that kind."""

    def where(estate: Estate) -> Iterable[Place]:
        traefik = [estate.traefik.workload_ref] if estate.traefik else []
        return [Place()] if any(ref.kind == kind for ref in (*estate.expected_workloads(), *traefik)) else []

    return where


def _logging(estate: Estate) -> Iterable[Place]:
    """Where Authentik is, if in this cluster, and the outpost; everywhere, where the namespace of that is not said."""
    outpost = estate.authentik.outpost
    workload = outpost.workload.namespace if outpost.workload else outpost.namespace
    if not outpost.is_embedded and not workload:
        return (Place(),)
    own = estate.authentik.namespace if estate.authentik.in_cluster else None
    return [Place(namespace) for namespace in dict.fromkeys((own, workload)) if namespace]


def _telling(estate: Estate) -> Iterable[Place]:
    """Where the applications run whose own log may tell why they refuse a login."""
    namespaces = (app.workload.namespace for app in estate.oidc if app.workload and app.read_log)
    return [Place(namespace) for namespace in dict.fromkeys(namespaces)]


def _authentik(estate: Estate) -> Iterable[Place]:
    return (Place(estate.authentik.namespace),)


def _externally_kept(estate: Estate) -> Iterable[Place]:
    return [Place()] if estate.expected_external_secrets() else []


def _synced(estate: Estate) -> Iterable[Place]:
    refs = {ref.plain for ref in estate.gitops if not ref.kind}
    return [Place()] if refs - {estate.suite.argocd_application} else []


def _by_flux(*kinds: str) -> Callable[[Estate], Iterable[Place]]:
    """Everywhere, for estates that name an object of Flux's, of these kinds or of any."""
    return lambda estate: [Place()] if any(ref.kind in (kinds or GitopsRef.KINDS) for ref in estate.gitops) else []


def _named_by_argocd(estate: Estate) -> Iterable[Place]:
    """argocd-cm beside each Secret that an ArgoCD takes by its name."""
    kept = [app.secret for app in estate.oidc if app.secret and app.client_type != "public"]
    return [Place(secret.name.namespace, "argocd-cm") for secret in kept if secret.consumer == "argocd"]


def _naming_variables(estate: Estate) -> Iterable[Place]:
    """Grafana's settings where they may name the variable of its client secret: charts call their ConfigMap as
    what runs it, and grafana-operator a Deployment `x-deployment` and its ConfigMap `x-ini`. In one of another name
    they are not verified, and the message says which rule is to add."""
    apps = (app for app in estate.oidc if app.kind == "grafana" and app.secret and app.client_type != "public")
    taken = (app for app in apps if app.secret and app.secret.consumer in ("env", "envFrom"))
    named = (app for app in taken if app.secret and not is_setting(app.secret.key))
    running = [app.workload for app in named if app.workload]
    return [Place(ref.namespace, re.sub(r"-deployment$", "-ini", ref.name)) for ref in running]


def _kept(estate: Estate) -> Iterable[Place]:
    """The applications' Secrets, and those that the estate takes credentials of its own from."""
    apps = [app.secret.name for app in estate.oidc if app.secret and app.client_type != "public"]
    own = [source.secret for source in _sources(estate) if isinstance(source, SecretCredential)]
    return _named([*apps, *own])


def _minting(estate: Estate) -> Iterable[Place]:
    return _authentik(estate) if isinstance(estate.authentik.token, MintCredential) else []


def _forced(estate: Estate) -> Iterable[Place]:
    return _named(entry.name for entry in estate.expected_external_secrets())


def _named(names: Iterable[NamespacedName]) -> list[Place]:
    return [Place(name.namespace, name.name) for name in names]


def _sources(model: Model) -> Iterator[object]:
    """Every value of the estate file, however deep."""
    for name in type(model).model_fields:
        value = getattr(model, name)
        for each in value if isinstance(value, tuple) else (value,):
            yield each
            if isinstance(each, Model):
                yield from _sources(each)


_TRAEFIK: Final = "traefik.io"
_TRAEFIKS: Final = ("ingressroutes", "ingressroutetcps", "middlewares", "traefikservices")
_GATEWAY: Final = "gateway.networking.k8s.io"
_ESO: Final = "external-secrets.io"
_LIST: Final = ("list",)
_OF_WORKLOADS: Final = "SMOKE-PODS, SMOKE-BP-02, FWD-HOST-01, OIDC-SECRET-03"
_OF_ROUTES: Final = "FWD-ROUTE-01, FWD-ROUTE-03"
# Since Kubernetes 1.35 an exec over WebSocket is a get that needs leave to create as well.
_EXEC: Final = ("create", "get")

LOOKING: Final = (
    Right(_OF_WORKLOADS, "apps", "deployments", _LIST, _if_any("deployment")),
    Right("SMOKE-PODS", "apps", "statefulsets", _LIST, _if_any("statefulset")),
    Right("SMOKE-PODS", "apps", "daemonsets", _LIST, _if_any("daemonset")),
    Right("SMOKE-PODS, OIDC-SECRET-04, FWD-ROUTE-03", "", "pods", _LIST, _everywhere),
    Right("SMOKE-LOG", "", "pods/log", ("get",), _logging),
    # Where the estate file says read_log, and asked for only where a login ends without a session.
    Right("OIDC-LOGIN-01", "", "pods/log", ("get",), _telling),
    Right("SMOKE-PODS-04, FWD-ROUTE-02, FWD-ROUTE-03", "", "services", _LIST, _everywhere),
    Right("SMOKE-PODS-04, FWD-ROUTE-02", "discovery.k8s.io", "endpointslices", _LIST, _everywhere),
    # Of all namespaces: the route that was forgotten is in another one.
    Right(_OF_ROUTES, _TRAEFIK, "ingressroutes", _LIST, _everywhere),
    Right("FWD-ROUTE-03", _TRAEFIK, "ingressroutetcps", _LIST, _everywhere),
    Right(_OF_ROUTES, _TRAEFIK, "middlewares", _LIST, _everywhere),
    Right("FWD-ROUTE-03", _TRAEFIK, "traefikservices", _LIST, _everywhere),
    # Its old group, where a cluster serves that: version 2 reads both.
    *(Right(_OF_ROUTES, TRAEFIK_2, plural, _LIST, _everywhere) for plural in _TRAEFIKS),
    Right(_OF_ROUTES, "networking.k8s.io", "ingresses", _LIST, _everywhere),
    Right(_OF_ROUTES, "networking.k8s.io", "ingressclasses", _LIST, _everywhere),
    Right(_OF_ROUTES, _GATEWAY, "gateways", _LIST, _everywhere),
    Right(_OF_ROUTES, _GATEWAY, "httproutes", _LIST, _everywhere),
    Right(_OF_ROUTES, _GATEWAY, "grpcroutes", _LIST, _everywhere),
    Right(_OF_ROUTES, "gateway.envoyproxy.io", "securitypolicies", _LIST, _everywhere),
    Right("FWD-ROUTE-03", _GATEWAY, "tcproutes", _LIST, _everywhere),
    Right("FWD-ROUTE-03", _GATEWAY, "tlsroutes", _LIST, _everywhere),
    *(Right(_OF_ROUTES, group, plural, _LIST, _everywhere) for group, plural, _ in OF_OTHERS),
    Right("FWD-ROUTE-03", tunnels.GROUP, tunnels.PLURAL, _LIST, _everywhere),
    Right("SMOKE-ESO", _ESO, "externalsecrets", _LIST, _externally_kept),
    Right("SMOKE-ESO-02", _ESO, "secretstores", _LIST, _externally_kept),
    Right("SMOKE-ESO-02", _ESO, "clustersecretstores", _LIST, _externally_kept),
    Right("SMOKE-GITOPS-01", "argoproj.io", "applications", _LIST, _synced),
    # Asked for only where an Application is OutOfSync: windows may keep its sync back.
    Right("SMOKE-GITOPS-01", "argoproj.io", "appprojects", _LIST, _synced),
    Right("SMOKE-GITOPS-01", "kustomize.toolkit.fluxcd.io", "kustomizations", _LIST, _by_flux("kustomization")),
    Right("SMOKE-GITOPS-01", "helm.toolkit.fluxcd.io", "helmreleases", _LIST, _by_flux("helmrelease")),
    *(Right("SMOKE-GITOPS-01", SOURCE_GROUP, plural, _LIST, _by_flux()) for plural in SOURCES.values()),
    Right("SMOKE-BP-02", "", "configmaps", _LIST, _authentik),
    Right("OIDC-SECRET-03", "", "configmaps", ("get",), _named_by_argocd),
    Right("OIDC-SECRET-03", "", "configmaps", ("get",), _naming_variables),
    # The suite asks for metadata, so that no value crosses the wire; RBAC knows no such verb: whoever holds this
    # ServiceAccount's token may read the values.
    Right("OIDC-SECRET-01, OIDC-SECRET-02, OIDC-SECRET-04", "", "secrets", ("get",), _kept),
    # The mightiest right of all: whoever may exec into the server is Authentik's administrator.
    Right("SMOKE-API-01", "", "pods/exec", _EXEC, _minting),
)
"""What a run needs."""

WRITING: Final = (
    Right("SMOKE-WRITE-03", "", "pods/exec", _EXEC, _authentik),
    # RBAC cannot say "one annotation": whoever holds the token may rewrite these ExternalSecrets.
    Right("SMOKE-WRITE-02", _ESO, "externalsecrets", ("patch",), _forced),
)
"""What a run with --allow-writes needs besides."""

_ROLE: Final = """\
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata:
{metadata}
rules:
{rules}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}Binding
metadata:
{metadata}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {kind}
  name: {account}
subjects:
  - kind: ServiceAccount
    name: sso-conformance
    namespace: {account}
"""


def rights(estate: Estate, *, writes: bool = False) -> list[tuple[Place, Right]]:
    """Comes in: the estate as the pods judge it, and whether they run with --allow-writes. Goes out: each place with
    what is needed there, in the tables' order; a verb is granted once in a place."""
    granted: dict[tuple[Place, str, str, tuple[str, ...]], tuple[Place, Right]] = {}
    for right in (*LOOKING, *_of_other_controllers(estate), *(WRITING if writes else ())):
        for place in right.where(estate):
            granted.setdefault((place, right.group, right.resource, right.verbs), (place, right))
    return list(granted.values())


def _of_other_controllers(estate: Estate) -> list[Right]:
    """To list the workloads of each kind that is not Kubernetes' own, and that the estate names."""
    kinds = sorted({(ref.group, ref.plural) for ref in estate.expected_workloads() if ref.group})
    return [Right("SMOKE-PODS, OIDC-SECRET-03", group, plural, _LIST, _everywhere) for group, plural in kinds]


def manifests(estate: Estate, account: str, *, writes: bool = False) -> str:
    """The roles that grant `rights`, with their bindings, as YAML; above each rule stand the checks that need it.

    `account` is the namespace of the ServiceAccount, and the name of its roles: two installations share no role.
    """
    by_namespace: dict[str, list[str]] = {}
    for place, right in rights(estate, writes=writes):
        by_namespace.setdefault(place.namespace, []).append(_rule(place, right))
    roles = (_role(namespace, account, rules) for namespace, rules in by_namespace.items())
    return "".join(roles).removeprefix("---\n")


def _role(namespace: str, account: str, rules: list[str]) -> str:
    metadata = f"  name: {account}" + (f"\n  namespace: {namespace}" if namespace else "")
    kind = "Role" if namespace else "ClusterRole"
    return _ROLE.format(kind=kind, metadata=metadata, rules="\n".join(rules), account=account)


def _rule(place: Place, right: Right) -> str:
    names = {"resourceNames": [place.name]} if place.name else {}
    rule = {"apiGroups": [right.group], "resources": [right.resource], **names, "verbs": list(right.verbs)}
    written = yaml.safe_dump([rule], sort_keys=False, default_flow_style=None)
    indented = "\n".join(f"  {line}" for line in written.rstrip().splitlines())
    return f"  # {right.checks}\n{indented}"
