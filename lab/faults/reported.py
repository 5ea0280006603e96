"""Troubles that operators reported in public, or that were measured (shared field/reports.md, facts/*-2026.8.md)."""

from __future__ import annotations

import json
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from lab import names, seeded
from lab.arrangements import (
    lead_outpost_path,
    put_http_route,
    put_object,
    put_outpost_service,
    put_parent_route,
    put_route,
    put_security_policy,
)
from lab.authentik.accounts import stable_uuid
from lab.authentik.audit_log import record_event
from lab.authentik.operations import Task
from lab.authentik.outpost.model import OutpostView
from lab.authentik.providers import PolicyBinding
from lab.cluster.seed.routes import GATED, OPEN, host_rule, rule_of
from lab.cluster.state import Object
from lab.faults import fault
from lab.faults.rewriting import where
from lab.world import World

_2026_8 = ("--lab-authentik", "2026.8")
_LOOK_ALIKE = "ak-outpost-longhorn"


@fault(
    "infisical-sign-up-unfinished",
    known_from="facts/relying-parties.md 2.2; field/reports.md 1",
    turns_red=("OIDC-LOGIN-01[infisical]",),
    blocks=("[infisical]",),
)
def infisical_sign_up_unfinished(world: World) -> None:
    """Infisical does not accept the probe user: it ends at the sign-up page, with a token that is no session."""
    world.applications["infisical"].signs_up = False


@fault(
    "outpost-path-to-a-look-alike",
    known_from="field/reports.md 3",
    turns_red=("FWD-ROUTE-01[longhorn]", "FWD-RD-01[longhorn]"),
    other_roots=("FWD-RD-01",),
    blocks=("FWD-ROUTE-06[longhorn]", "FWD-PASS-05[longhorn]"),
)
def outpost_path_to_a_look_alike(world: World) -> None:
    """A Service is called as an outpost's, but its endpoints are Longhorn's: the outpost's path opens Longhorn."""
    put_outpost_service(world, _LOOK_ALIKE, "longhorn-system", ("longhorn-system", "longhorn-frontend"))
    lead_outpost_path(world, {"name": _LOOK_ALIKE, "port": 9000}, "longhorn-system")


@fault(
    "tls-route-past-the-gate",
    known_from="field/reports.md 4",
    turns_red=("FWD-ROUTE-03[longhorn]",),
)
def tls_route_past_the_gate(world: World) -> None:
    """A TLSRoute, of the version that Gateway API 1.5 serves alone, leads a second name to Longhorn."""
    rules = [{"backendRefs": [{"name": "longhorn-frontend", "port": 80}]}]
    spec = {"hostnames": [f"storage.{names.DOMAIN}"], "rules": rules}
    put_object(world, "gateway.networking.k8s.io/v1", "TLSRoute", "storage", "longhorn-system", spec=spec)


@fault(
    "wildcard-host-past-the-gate",
    known_from="field/reports.md 5",
    turns_red=("FWD-ROUTE-01",),
    blocks=("FWD-ROUTE-06",),
)
def wildcard_host_past_the_gate(world: World) -> None:
    """A route for all hosts of the domain, by a wildcard in Host, opens a path on the gated ones too."""
    backend = {"name": "grafana", "port": 80}
    rule = f"{host_rule(f'*.{names.DOMAIN}')} && PathPrefix(`/status-page`)"
    put_route(world, "status-page", "grafana", rule, backend)


@fault(
    "parent-route-without-the-gate",
    known_from="field/reports.md 7",
    turns_red=("FWD-GATE-01[longhorn]", "FWD-ROUTE-01[longhorn]"),
    root="FWD-ROUTE-01",
    blocks=("[longhorn]", "FWD-PASS-02", "FWD-PASS-04[whoami]"),
)
def parent_route_without_the_gate(world: World) -> None:
    """The IngressRoute above Longhorn's lost the gate; the one below never had any."""
    put_parent_route(world, OPEN)


@fault(
    "parent-route-misspelt",
    known_from="field/reports.md 7: what hangs below a parent that does not exist is not loaded",
    turns_red=("FWD-ROUTE-01[longhorn]", "FWD-GATE-06[longhorn]"),
    blocks=("[longhorn]", "FWD-PASS-02", "FWD-PASS-04[whoami]"),
)
def parent_route_misspelt(world: World) -> None:
    """Longhorn's route hangs below an IngressRoute whose name is misspelt in it: Traefik answers 404."""
    put_parent_route(world, GATED)
    child = world.cluster.get("ingressroutes", "longhorn-system", "longhorn")
    child["spec"]["parentRefs"][0]["name"] = "gaet"


@fault(
    "security-policy-of-another-route",
    known_from="field/reports.md 6",
    turns_red=("FWD-ROUTE-01[hubble]",),
    blocks=("FWD-ROUTE-06[hubble]",),
)
def security_policy_of_another_route(world: World) -> None:
    """Envoy Gateway's policy is for another HTTPRoute than the one that leads to Hubble: nothing stands before it."""
    put_http_route(world)
    put_security_policy(world, "hubble-old")


@fault(
    "http-route-beside-a-mesh",
    known_from="istio.io, AuthorizationPolicy: only the action CUSTOM hands a request to another's judgement",
    turns_red=("FWD-ROUTE-01[hubble]",),
    blocks=("FWD-ROUTE-06[hubble]",),
)
def http_route_beside_a_mesh(world: World) -> None:
    """An HTTPRoute leads to Hubble without a gate; the mesh beside it allows peers by policies, and asks nobody."""
    put_http_route(world)
    spec = {"action": "ALLOW", "rules": [{"from": [{"source": {"namespaces": ["monitoring"]}}]}]}
    kind = ("security.istio.io/v1", "AuthorizationPolicy", "metrics", "kube-system")
    put_object(world, *kind, spec=spec)


@fault(
    "outpost-cannot-load-its-providers",
    known_from="field/reports.md 9: goauthentik/authentik issue 26125",
    turns_red=("SMOKE-LOG-03", "FWD-GATE-06"),
    blocks=("FWD",),
)
def outpost_cannot_load_its_providers(world: World) -> None:
    """The outpost's refresh is refused by its own server: it serves nothing, and says why in its log."""
    for replica, pod in zip(world.authentik.replicas, world.cluster.server_pods, strict=True):
        replica.seen = OutpostView({}, [])
        moment = world.cluster.now() - timedelta(minutes=2)
        line = {
            "event": "failed to fetch providers",
            "level": "error",
            "err": "error in response: status code 403 Forbidden",
            "target": "authentik_outpost::proxy::refresh",
            "filename": "packages/outpost/src/proxy/refresh.rs",
            "timestamp": moment.isoformat()[:26],
        }
        world.cluster.log_at(moment, "authentik", pod, json.dumps(line))


@fault(
    "tasks-left-in-the-queue",
    known_from="field/reports.md 12",
    turns_red=("SMOKE-WORK-01",),
)
def tasks_left_in_the_queue(world: World) -> None:
    """The worker is connected and healthy, and has run nothing for 41 hours."""
    for schedule in world.authentik.operations.schedules:
        if not schedule.paused:
            schedule.status, schedule.next_run = "queued", world.clock.now() - timedelta(hours=41)


@fault(
    "tasks-queued-and-not-taken",
    known_from="field/reports.md 12: goauthentik/authentik issue 26232",
    turns_red=("SMOKE-WORK-01",),
)
def tasks_queued_and_not_taken(world: World) -> None:
    """The scheduler still queues what is due, but since yesterday no worker has taken any of it."""
    operations = world.authentik.operations
    for schedule in operations.schedules:
        if not schedule.paused:
            schedule.status = "queued"
            at = world.clock.now() - timedelta(hours=22)
            operations.tasks.append(Task(schedule.actor, schedule.description, at, "queued", message="Queued"))


@fault(
    "database-out-of-connections",
    known_from="field/reports.md 32",
    turns_red=("SMOKE-EVENT-01", "SMOKE-LOG-01"),
    other_roots=("SMOKE-LOG-01",),
)
def database_out_of_connections(world: World) -> None:
    """The database took no more connections five minutes ago: a login was answered by an error page."""
    at = world.clock.now() - timedelta(minutes=5)
    message = "connection failed: FATAL:  sorry, too many clients already"
    trace = [{"exc_type": "OperationalError", "exc_value": message, "frames": []}]
    event = "Internal Server Error: /application/o/authorize/"
    line: Object = {"event": event, "level": "error", "logger": "django.request", "exception": trace}
    line |= {"timestamp": at.isoformat()[:26], "domain_url": names.AUTH_HOST, "status_code": 500}
    world.cluster.log_at(at, "authentik", world.cluster.server_pods[0], json.dumps(line))
    context = {"message": f"{event}\n{message}", "exception": {"type": "OperationalError", "message": message}}
    record_event(world, "system_exception", "authentik.root", context=context, at=at)


@fault(
    "ingress-is-no-trusted-proxy",
    known_from="field/reports.md 13: goauthentik/authentik issue 25607",
    turns_red=("OIDC-DISC-02[argocd]", "OIDC-DISC-02[grafana]", "OIDC-DISC-02[infisical]", "FWD-GATE-06"),
    options=_2026_8,
    root="FWD-GATE-06",
    other_roots=("OIDC-DISC-02",),
    blocks=("OIDC", "FWD"),
)
def ingress_is_no_trusted_proxy(world: World) -> None:
    """The ingress's address is not among AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS: what it forwards is not believed."""
    world.authentik.rules.trusted_proxies = ("127.0.0.0/8", "::1/128")


@fault(
    "outpost-is-no-trusted-proxy",
    known_from="goauthentik/authentik, src/outpost/proxy/backchannel/transport_tests.rs; issue 26280",
    turns_red=("FWD-PASS-01", "FWD-PASS-02"),
    options=("--lab-shape", "standalone-outpost", *_2026_8),
    blocks=("FWD-PASS-04",),
)
def outpost_is_no_trusted_proxy(world: World) -> None:
    """The server trusts the ingress alone, and does not believe its outpost that people come by https."""
    world.authentik.rules.trusted_proxies = ("127.0.0.0/8", "::1/128", "10.42.0.5/32")


@fault(
    "rule-of-version-2",
    known_from="facts/measured-2026.8.md: Traefik 3.7.9 answers 404",
    turns_red=("FWD-ROUTE-01[longhorn]", "FWD-GATE-06[longhorn]"),
    blocks=("[longhorn]", "FWD-PASS-02", "FWD-PASS-04[whoami]"),
)
def rule_of_version_2(world: World) -> None:
    """Longhorn's rule lists two hosts in one Host, as Traefik 2 took it: Traefik 3 does not load the route."""
    rule = world.cluster.get("ingressroutes", "longhorn-system", "longhorn")["spec"]["routes"][0]
    rule["match"] = f"Host(`{names.public_host('longhorn')}`,`storage.{names.DOMAIN}`)"


@fault(
    "rule-with-a-line-before-its-and",
    known_from="selftests/contract/traefik: to Traefik's own parser the rule ends with the line",
    turns_red=("FWD-ROUTE-01[longhorn]", "FWD-GATE-06[longhorn]"),
    blocks=("[longhorn]", "FWD-PASS-02", "FWD-PASS-04[whoami]"),
)
def rule_with_a_line_before_its_and(world: World) -> None:
    """Longhorn's rule is a block of YAML whose second line begins with &&: Traefik does not load the route."""
    rule = world.cluster.get("ingressroutes", "longhorn-system", "longhorn")["spec"]["routes"][0]
    rule["match"] = f"{rule_of('longhorn')}\n  && PathPrefix(`/`)\n"


@fault("argocd-logout-refused", known_from="issue 14: a logout answered 405", turns_red=("OIDC-LOGIN-03[argocd]",))
def argocd_logout_refused(world: World) -> None:
    """Something in front of ArgoCD lets no GET through to its logout: 405, and the session lives on."""
    host = names.public_host("argocd")

    def asks_for_logout(request: Request, _: Response) -> bool:
        return request.url.hostname == host and request.url.path == "/auth/logout"

    def refused(*_: object) -> Response:
        return PlainTextResponse("Method Not Allowed\n", 405)

    world.applications["argocd"].logout_ends_session = False
    world.applications.tampering.append(where(asks_for_logout, refused))


def _for_people_alone(world: World, slug: str) -> None:
    people = (seeded.user(world, name) for name in ("alice", "bob", "conformance-probe"))
    world.authentik.applications[slug].bindings = [
        PolicyBinding(stable_uuid("binding", f"{slug} for {user.username}"), user=user.pk) for user in people
    ]


@fault(
    "service-account-kept-out",
    known_from="issue 14: a policy for people alone",
    turns_red=("FWD-PASS-02[hubble]",),
)
def service_account_kept_out(world: World) -> None:
    """Hubble was bound to people by name, and the service account is none of them."""
    _for_people_alone(world, "hubble")


@fault(
    "service-account-kept-out-of-the-first-gate",
    known_from="issue 14: a policy for people alone, of the application that is asked first",
    turns_red=("FWD-PASS-02[longhorn]",),
)
def service_account_kept_out_of_the_first_gate(world: World) -> None:
    """Longhorn, where the app password is shown first, was bound to people by name."""
    _for_people_alone(world, "longhorn")
