"""The names and addresses of the lab's estate: those of the runbook, as text. Nothing is ever sent to them."""

from typing import Final

DOMAIN: Final = "frank.derio.net"
AUTH_HOST: Final = f"auth.{DOMAIN}"
AUTH_URL: Final = f"https://{AUTH_HOST}"
# The LoadBalancer that reaches Authentik without the ingress (runbook H1).
DIRECT_ADDRESS: Final = "192.168.55.211:9000"

OIDC_APPLICATIONS: Final = ("argocd", "grafana", "infisical")
GATED_APPLICATIONS: Final = ("longhorn", "hubble", "sympozium", "whoami")

# Pod addresses of the two server replicas; their container listens on 9000.
SERVER_POD_IPS: Final = ("10.42.0.21", "10.42.1.21")
TRAEFIK_API: Final = "traefik.traefik-system.svc:8080"
TRAEFIK_POD_API: Final = "10.42.0.5:8080"
# Grafana without the ingress, and so without a gate that may stand in it.
GRAFANA_SERVICE: Final = "grafana.grafana.svc:80"

# A standalone outpost, where the estate has one: its Service, and the addresses that its pods may have.
OUTPOST_SERVICE: Final = "ak-outpost-gate.authentik.svc:9000"
OUTPOST_POD_IPS: Final = ("10.42.2.23", "10.42.1.24")


def public_host(application: str) -> str:
    """The public host name of an application, e.g. grafana.frank.derio.net."""
    return f"{application}.{DOMAIN}"
