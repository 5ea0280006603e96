"""The resource kinds this API server knows: what discovery shows and what paths are made of."""

from __future__ import annotations

from typing import Final, NamedTuple

ALL_VERBS: Final = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


class Resource(NamedTuple):
    """One resource of one group: names, kind, scope, and the subresources that exist below it."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    categories: tuple[str, ...] = ()

    @property
    def singular(self) -> str:
        """The singular name as discovery gives it."""
        return self.kind.lower()

    @property
    def api_version(self) -> str:
        """What objects of this resource carry as `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The name in messages: `secrets`, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


_REVIEW = ("create",)
_STATUS = ("status",)

RESOURCES: Final[tuple[Resource, ...]] = (
    Resource("", "v1", "configmaps", "ConfigMap", short_names=("cm",)),
    Resource("", "v1", "endpoints", "Endpoints", short_names=("ep",)),
    Resource("", "v1", "events", "Event", short_names=("ev",)),
    Resource("", "v1", "namespaces", "Namespace", False, ("ns",), _STATUS),
    Resource("", "v1", "nodes", "Node", False, ("no",), _STATUS),
    Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", True, ("pvc",), _STATUS),
    Resource("", "v1", "pods", "Pod", True, ("po",), ("exec", "log", "portforward", "status"), categories=("all",)),
    Resource("", "v1", "resourcequotas", "ResourceQuota", True, ("quota",), _STATUS),
    Resource("", "v1", "secrets", "Secret"),
    Resource("", "v1", "serviceaccounts", "ServiceAccount", True, ("sa",)),
    Resource("", "v1", "services", "Service", True, ("svc",), _STATUS, categories=("all",)),
    Resource("apps", "v1", "daemonsets", "DaemonSet", True, ("ds",), _STATUS, categories=("all",)),
    Resource("apps", "v1", "deployments", "Deployment", True, ("deploy",), _STATUS, categories=("all",)),
    Resource("apps", "v1", "replicasets", "ReplicaSet", True, ("rs",), _STATUS, categories=("all",)),
    Resource("apps", "v1", "statefulsets", "StatefulSet", True, ("sts",), _STATUS, categories=("all",)),
    Resource("authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", False, verbs=_REVIEW),
    Resource(
        "authorization.k8s.io",
        "v1",
        "selfsubjectaccessreviews",
        "SelfSubjectAccessReview",
        False,
        verbs=_REVIEW,
    ),
    Resource(
        "authorization.k8s.io",
        "v1",
        "selfsubjectrulesreviews",
        "SelfSubjectRulesReview",
        False,
        verbs=_REVIEW,
    ),
    Resource("batch", "v1", "cronjobs", "CronJob", True, ("cj",), _STATUS, categories=("all",)),
    Resource("batch", "v1", "jobs", "Job", True, (), _STATUS, categories=("all",)),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Resource("networking.k8s.io", "v1", "ingressclasses", "IngressClass", False),
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress", True, ("ing",), _STATUS),
    Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", True, ("netpol",)),
    Resource("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", False),
    Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False),
    Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
    Resource("rbac.authorization.k8s.io", "v1", "roles", "Role"),
    Resource("argoproj.io", "v1alpha1", "applications", "Application", True, ("app", "apps"), _STATUS),
    Resource("argoproj.io", "v1alpha1", "appprojects", "AppProject", True, ("appproj", "appprojs")),
    Resource("argoproj.io", "v1alpha1", "rollouts", "Rollout", True, ("ro",), _STATUS),
    Resource("apps.kruise.io", "v1alpha1", "clonesets", "CloneSet", True, ("clone",), _STATUS),
    Resource("kustomize.toolkit.fluxcd.io", "v1", "kustomizations", "Kustomization", True, ("ks",), _STATUS),
    Resource("helm.toolkit.fluxcd.io", "v2", "helmreleases", "HelmRelease", True, ("hr",), _STATUS),
    Resource("source.toolkit.fluxcd.io", "v1", "buckets", "Bucket", True, (), _STATUS),
    Resource("source.toolkit.fluxcd.io", "v1", "gitrepositories", "GitRepository", True, ("gitrepo",), _STATUS),
    Resource("source.toolkit.fluxcd.io", "v1", "helmcharts", "HelmChart", True, ("hc",), _STATUS),
    Resource("source.toolkit.fluxcd.io", "v1", "helmrepositories", "HelmRepository", True, ("helmrepo",), _STATUS),
    Resource("source.toolkit.fluxcd.io", "v1", "ocirepositories", "OCIRepository", True, ("ocirepo",), _STATUS),
    Resource("external-secrets.io", "v1", "clustersecretstores", "ClusterSecretStore", False, ("css",), _STATUS),
    Resource("external-secrets.io", "v1", "externalsecrets", "ExternalSecret", True, ("es",), _STATUS),
    Resource("external-secrets.io", "v1", "secretstores", "SecretStore", True, ("ss",), _STATUS),
    Resource("gateway.networking.k8s.io", "v1", "gateways", "Gateway", True, ("gtw",), _STATUS),
    Resource("gateway.networking.k8s.io", "v1", "grpcroutes", "GRPCRoute", True, (), _STATUS),
    Resource("gateway.networking.k8s.io", "v1", "httproutes", "HTTPRoute", True, (), _STATUS),
    # The version that the standard channel serves since Gateway API 1.5, and no other (field/reports.md, row 4).
    Resource("gateway.networking.k8s.io", "v1", "tlsroutes", "TLSRoute", True, (), _STATUS),
    Resource("gateway.envoyproxy.io", "v1alpha1", "securitypolicies", "SecurityPolicy", True, (), _STATUS),
    Resource("monitoring.coreos.com", "v1", "prometheusrules", "PrometheusRule", True, ("promrule",)),
    Resource("monitoring.coreos.com", "v1", "servicemonitors", "ServiceMonitor", True, ("smon",)),
    Resource("traefik.io", "v1alpha1", "ingressroutes", "IngressRoute"),
    Resource("traefik.io", "v1alpha1", "ingressroutetcps", "IngressRouteTCP"),
    Resource("traefik.io", "v1alpha1", "ingressrouteudps", "IngressRouteUDP"),
    Resource("traefik.io", "v1alpha1", "middlewaretcps", "MiddlewareTCP"),
    Resource("traefik.io", "v1alpha1", "serverstransports", "ServersTransport"),
    Resource("traefik.io", "v1alpha1", "serverstransporttcps", "ServersTransportTCP"),
    Resource("traefik.io", "v1alpha1", "tlsoptions", "TLSOption"),
    Resource("traefik.io", "v1alpha1", "tlsstores", "TLSStore"),
    Resource("traefik.io", "v1alpha1", "middlewares", "Middleware"),
    Resource("traefik.io", "v1alpha1", "traefikservices", "TraefikService"),
    # Its group of version 2, whose CRDs an update leaves behind.
    Resource("traefik.containo.us", "v1alpha1", "ingressroutes", "IngressRoute"),
    Resource("traefik.containo.us", "v1alpha1", "ingressroutetcps", "IngressRouteTCP"),
    Resource("traefik.containo.us", "v1alpha1", "middlewares", "Middleware"),
    Resource("traefik.containo.us", "v1alpha1", "traefikservices", "TraefikService"),
    # What other controllers lead hosts by; last, as kubectl takes a short name for the first that has it.
    Resource("apisix.apache.org", "v2", "apisixroutes", "ApisixRoute", True, ("ar",), _STATUS),
    Resource("configuration.konghq.com", "v1beta1", "tcpingresses", "TCPIngress", True, (), _STATUS),
    Resource("getambassador.io", "v2", "mappings", "Mapping", True, (), _STATUS),
    Resource("k8s.nginx.org", "v1", "virtualservers", "VirtualServer", True, ("vs",), _STATUS),
    Resource("networking.cfargotunnel.com", "v1alpha1", "tunnelbindings", "TunnelBinding", True, (), _STATUS),
    Resource("networking.istio.io", "v1", "virtualservices", "VirtualService", True, (), _STATUS),
    Resource("projectcontour.io", "v1", "httpproxies", "HTTPProxy", True, ("proxy", "proxies"), _STATUS),
    Resource("route.openshift.io", "v1", "routes", "Route", True, (), _STATUS),
    # What else may put a gate before a route.
    Resource("agentgateway.dev", "v1alpha1", "agentgatewaypolicies", "AgentgatewayPolicy", True, (), _STATUS),
    Resource("gateway.kgateway.dev", "v1alpha1", "trafficpolicies", "TrafficPolicy", True, (), _STATUS),
    Resource("kuadrant.io", "v1", "authpolicies", "AuthPolicy", True, (), _STATUS),
    Resource("security.istio.io", "v1", "authorizationpolicies", "AuthorizationPolicy", True, ("ap",), _STATUS),
    Resource("zalando.org", "v1", "routegroups", "RouteGroup", True, ("rg",), _STATUS),
)

GROUPS: Final = tuple(dict.fromkeys(resource.group for resource in RESOURCES))

_BY_PATH: Final = {(r.group, r.version, r.plural): r for r in RESOURCES}
_BY_KIND: Final = {(r.api_version, r.kind): r for r in RESOURCES}
_BY_NAME: Final = {name: r for r in reversed(RESOURCES) for name in (r.plural, r.qualified)}


def by_path(group: str, version: str, plural: str) -> Resource | None:
    """The resource a request path names, or None."""
    return _BY_PATH.get((group, version, plural))


def by_kind(api_version: str, kind: str) -> Resource:
    """The resource of an object. Raises KeyError for a kind this server does not serve."""
    return _BY_KIND[api_version, kind]


def by_name(name: str) -> Resource:
    """The resource called `deployments` or `deployments.apps`. Raises KeyError when there is none."""
    return _BY_NAME[name]
