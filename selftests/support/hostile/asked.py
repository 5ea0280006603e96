"""Places of the estate at which something answers badly, and which cases stand on that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lab import names


@dataclass(frozen=True)
class Place:
    """Requests whose path matches `path` (at `host`, where it says so), and -k for the cases that stand on them.

    `said` is what the sentence about a bad answer has to name.
    """

    name: str
    path: str
    selected: str
    said: str
    host: str = ""
    methods: tuple[str, ...] = ("GET",)

    def is_asked(self, method: str, host: str, target: str) -> bool:
        """Whether a request goes there."""
        return method in self.methods and self.host in ("", host) and re.match(self.path, target) is not None


_SLUG: Final = "grafana"
DISCOVERY: Final = Place(
    "discovery",
    rf"/application/o/{_SLUG}/\.well-known/openid-configuration",
    "OIDC-DISC and grafana",
    "discovery|openid-configuration|issuer|application 'grafana'",
)
KEYS: Final = Place("keys", rf"/application/o/{_SLUG}/jwks/", "OIDC-JWKS and grafana", "key|/jwks/")
USERS: Final = Place("users", r"/api/v3/core/users/\?", "SMOKE-USER", "/api/v3/core/users|Authentik's API")
READY: Final = Place("ready", r"/-/health/ready/", "SMOKE-UP or SMOKE-TIME", "readiness|Authentik|Date")
HEALTH: Final = Place("health", r"/-/health/", "SMOKE-UP", "Authentik at|ready", host=names.AUTH_HOST)
ADMIN: Final = Place("admin page", r"/if/admin/", "SMOKE-UP-04", "admin interface|/if/admin/")
FLOW: Final = Place("login flow", r"/api/v3/flows/executor/", "SMOKE-UP-05 or SMOKE-LOGIN", "login|flow")
AUTHORIZE: Final = Place("authorize", r"/application/o/authorize/", "OIDC-AUTHZ and grafana", "authoriz|login|answer")
TOKEN: Final = Place(
    "token", r"/application/o/token/", "OIDC-TOKEN or (OIDC-CODE and grafana)", "token", methods=("POST",)
)
GATE: Final = Place("gate", r"/", "FWD-GATE and longhorn", "longhorn|gate|outpost", host=f"longhorn.{names.DOMAIN}")
GRAFANA: Final = Place("application", r"/", "OIDC-RP and grafana", "grafana|Grafana", host=f"grafana.{names.DOMAIN}")
TWO_HOSTS: Final = Place("two hosts", r"/login(?:/generic_oauth)?$|/there$", "OIDC-RP and grafana", "grafana|Grafana")
VERSION: Final = Place("version", r"/version$", "SMOKE-CLUSTER", "Kubernetes API")
DEPLOYMENTS: Final = Place("deployments", r"/apis/apps/v1/.*deployments", "SMOKE-PODS", "eployment|Kubernetes API")
PODS: Final = Place("pods", r"/api/v1/(?:namespaces/[^/]*/)?pods(?:\?|$)", "SMOKE-PODS", "[Pp]od|Kubernetes API")
LOG: Final = Place("log", r"/api/v1/.*/log\?", "SMOKE-LOG", "log|wrote|Kubernetes API")
SERVICES: Final = Place("services", r"/api/v1/(?:namespaces/[^/]*/)?services", "OIDC-DISC-03 and grafana", "[Ss]ervice")
ROUTES: Final = Place("routes", r"/apis/traefik.io/.*ingressroutes", "FWD-ROUTE", "[Rr]oute|Kubernetes API")
SECRETS: Final = Place("external secrets", r"/apis/external-secrets.io/", "SMOKE-ESO", "xternal|Kubernetes API")
GITOPS: Final = Place("gitops", r"/apis/argoproj.io/", "SMOKE-GITOPS", "rgo|pplication|Kubernetes API")
