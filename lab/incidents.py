"""What has really gone wrong with single sign-on on the estate that the runbook is about, and the faults it became."""

from __future__ import annotations

from typing import Final, NamedTuple


class Incident(NamedTuple):
    """One incident: its id, when it was (if that is known), what people saw and why, and the faults that repeat it."""

    id: str
    when: str
    seen: str
    why: str
    faults: tuple[str, ...]


INCIDENTS: Final = (
    Incident(
        "blank-authentik-host", "2026-03", "browsers sent to 0.0.0.0:9000", "the outpost's authentik_host was empty",
        ("authentik-host-blank",),
    ),
    Incident(
        "old-domain-in-the-database", "2026-08-01", "gates lead to the domain of before the move",
        "the environment was updated, the outpost's persisted setting was not",
        ("authentik-host-stale", "gate-keeps-the-old-host", "external-host-of-the-old-domain"),
    ),
    Incident(
        "blueprints-in-error", "2026-03 and 2026-06", "blueprints in error, and nothing that says why",
        "redirect_uris as text, and no invalidation flow",
        ("blueprint-in-error", "redirect-uris-as-text", "invalidation-flow-missing"),
    ),
    Incident(
        "blueprint-left-out", "", "a provider is missing", "its blueprint was not among the mounted ConfigMaps",
        ("blueprint-not-mounted", "blueprint-without-instance", "provider-never-made"),
    ),
    Incident(
        "wrong-key-in-a-secret", "", "Grafana: 'generic login error'", "the Secret's key was called client_secret",
        ("external-secret-renamed-key", "grafana-look-alike-key"),
    ),
    Incident(
        "edge-died", "2026-06-20", "certificate errors that HSTS makes final, then Authentik's 404",
        "the proxy came back with its default certificate, and to hosts without a provider",
        ("ingress-down", "certificate-of-the-proxy", "auth-certificate-of-the-proxy", "gate-without-a-provider"),
    ),
    Incident(
        "gate-without-an-application", "2026-07-12", "Authentik's 404 on every path of a host",
        "the route had the gate, Authentik had no application for it", ("gate-without-a-provider", "route-forgotten"),
    ),
    Incident(
        "sympozium-open", "2026-08-02", "an application answers without a login", "its route had lost the middleware",
        ("middleware-missing-on-route", "ingress-without-the-gate"),
    ),
    Incident(
        "no-login-button", "2026-06", "an application offers no single sign-on",
        "its secret was stored under another category of settings",
        ("infisical-oidc-inactive", "grafana-without-env-from"),
    ),
    Incident(
        "gate-on-an-api", "2026-08", "API clients are sent to a login that they cannot do",
        "the gate was put on a host that must stay open", ("open-host-behind-the-gate", "open-host-gone"),
    ),
    Incident(
        "secret-not-synced-for-a-week", "2026-07-25", "SecretSyncedError for seven days, ArgoCD green all the while",
        "the source of the secret was in another namespace", ("external-secret-error", "secret-store-invalid"),
    ),
    Incident(
        "synced-but-stale", "2026-07-27", "ArgoCD says Synced, the live object is an older one", "ArgoCD's cache",
        ("gate-asks-an-old-service",),
    ),
    Incident(
        "removed-routes-still-serve", "2026-08-02", "hosts that were taken away go on answering",
        "GitOps did not prune",
        ("retired-host-still-answers", "proxy-keeps-a-removed-route"),
    ),
    Incident(
        "pod-older-than-its-secret", "2026-07-20", "logins fail after a rotation", "the pod was not rolled",
        ("grafana-not-restarted",),
    ),
    Incident(
        "issuer-flag", "", "every token refused from one moment to the next", "the verifier expected another issuer",
        ("issuer-mode-global", "argocd-trusts-the-old-issuer"),
    ),
    Incident(
        "assignments-lost", "", "Authentik's 404 on all gated hosts",
        "which providers an outpost serves stands in the database alone, and a restore lost it",
        ("outpost-lost-all-providers", "outpost-lost-a-provider"),
    ),
    Incident(
        "authentik-without-endpoints", "", "500 with an empty body on all gated hosts", "no server pod was reached",
        ("authentik-down", "gate-out-of-reach"),
    ),
    Incident(
        "load-balancer-past-the-gate", "", "Longhorn and Hubble answer on an address of their own",
        "LoadBalancers from before the gate", ("load-balancer-past-the-gate", "node-port-past-the-gate"),
    ),
)  # fmt: skip
"""Each of them is repeated by faults of lab/faults; docs/PROOF.md shows the table."""
