"""What was so in the recorded instances while an exchange was recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from fnmatch import fnmatch
from typing import Any

from lab.applications.secrets import restart
from lab.authentik.accounts import User, stable_uuid
from lab.authentik.flows.login import totp
from lab.authentik.flows.model import EXPLICIT_CONSENT
from lab.authentik.outpost.model import OutpostView, outpost_config
from lab.authentik.providers import Application, PolicyBinding, RedirectURI
from selftests.contract import estate, outposts
from selftests.contract.recordings import Exchange
from selftests.contract.replaying import Stage

Situation = Callable[[Stage], AbstractContextManager[None]]

WHEN = {
    "oidc/*-no-signing-key": "no signing key",
    "oidc/discovery-issuer-global": "global issuer",
    "oidc/discovery-app-without-provider": "application without provider",
    "oidc/authorize-provider-without-application": "provider without application",
    "oidc/authorize-denied-*": "grafana for admins",
    "oidc/token-cc-denied-by-policy": "grafana for admins",
    "api/application-check-access-denied": "grafana for admins",
    "oidc/login-totp-*": "dave has an authenticator",
    "oidc/login-explicit-consent-*": "application asks for consent",
    "oidc/device-start-throttled": "device starts used up",
    "api/err-inactive-user-token": "bob inactive",
    "api/fresh-install-*": "fresh install",
    "api/outposts-proxy-env*-empty": "blank host",
    "forward-auth/fault-*-host-empty*": "blank host",
    "forward-auth/fault-*-host-stale": "stale host",
    "forward-auth/fault-*-host-no-scheme": "host without scheme",
    "forward-auth/fault-env*set-config-host-browser-set": "host for browsers",
    "forward-auth/fault-envunset-hostbrowserenv-config-host-browser-set": "host for browsers without TLS",
    "forward-auth/fault-2026.2-*": "release 2026.2",
    "forward-auth/fault-env-host-browser-callback": "browser host in the environment",
    "forward-auth/fault-envunset-hostbrowserenv-*": "browser host in the environment",
    "forward-auth/domain-*": "domain mode",
    "standalone-outpost/host-internal-*": "outpost that knows an address inside",
    "standalone-outpost/host-browser-*": "outpost that knows both addresses",
    "standalone-outpost/host-public-*": "outpost that knows the public address",
    "health/startup-*-503": "starting",
    "health/startup-live-502": "starting",
    "health/startup-traefik-404": "outpost empty",
    "argocd/fault-wrong-secret-*": "argocd's secret is another one",
    "argocd/fault-no-part-of-label-*": "argocd's secret has no label",
    "api/events-*": "history",
    "api/authenticated-sessions": "history",
    "blueprints/events-*": "history",
    "probe-identity/*": "probe identity",
    "traefik/traefik-api-routers": "no certificate resolver",
}


def of(exchange: Exchange) -> set[str]:
    """The names of the situations that the exchange was recorded in."""
    return {name for pattern, name in WHEN.items() if fnmatch(exchange.name, pattern)}


def _put(thing: object, attribute: str, value: object) -> Iterator[None]:
    before = getattr(thing, attribute)
    setattr(thing, attribute, value)
    yield
    setattr(thing, attribute, before)


def _setting(thing: Callable[[Stage], Any], attribute: str, value: Callable[[Stage], object]) -> Situation:
    @contextmanager
    def held(stage: Stage) -> Iterator[None]:
        yield from _put(thing(stage), attribute, value(stage))

    return held


def _grafana(stage: Stage) -> Any:
    return stage.world.authentik.providers[2]


def _embedded(stage: Stage) -> Any:
    return stage.world.authentik.embedded_outpost()


def _replica(stage: Stage) -> Any:
    return stage.world.authentik.replicas[0]


def _host(host: str, browser: str = "") -> Situation:
    def config(stage: Stage) -> dict[str, Any]:
        return {**outpost_config(stage.tell(host)), "authentik_host_browser": stage.tell(browser)}

    return _setting(_embedded, "config", config)


@contextmanager
def _without_provider(stage: Stage) -> Iterator[None]:
    applications = stage.world.authentik.applications
    applications["noprov"] = Application(stable_uuid("application", "noprov"), "No provider", "noprov")
    yield
    del applications["noprov"]


@contextmanager
def _without_application(stage: Stage) -> Iterator[None]:
    made = estate.add_oidc(stage.world, "", "Orphan", "orphan-id", "orphan", [RedirectURI("https://o.example/cb")])
    yield
    del stage.world.authentik.providers[made.pk]


@contextmanager
def _grafana_for_admins(stage: Stage) -> Iterator[None]:
    authentik = stage.world.authentik
    group = authentik.directory.group(stage.tell("platform-admins"))
    application = authentik.applications[stage.tell("grafana")]
    yield from _put(application, "bindings", [PolicyBinding(stable_uuid("binding", "grafana"), group=group.pk)])


@contextmanager
def _dave(stage: Stage) -> Iterator[None]:
    directory = stage.world.authentik.directory
    name = stage.tell("dave")
    user = User(directory.next_user_pk(), name, stage.tell("Dave Totp"), stage.world.clock.started, f"{name}@derio.net")
    user.password, user.totp_seed = stage.tell("dave-pw-Frank-2026"), "JBSWY3DPEHPK3PXP"
    directory.add_user(user)
    stage.issued['"code": "252442"'] = f'"code": "{totp(user.totp_seed, int(time.time()) // 30)}"'
    yield
    directory.remove_user(user)


@contextmanager
def _asking_for_consent(stage: Stage) -> Iterator[None]:
    uris = [RedirectURI("https://demo.frank.derio.net/cb")]
    authentik = stage.world.authentik
    made = estate.add_oidc(stage.world, "consentdemo", "Consent demo", "consentdemo-client-id", "demo", uris)
    made.authorization_flow = authentik.flows[EXPLICIT_CONSENT].pk
    yield
    del authentik.providers[made.pk], authentik.applications["consentdemo"]


@contextmanager
def _throttled(stage: Stage) -> Iterator[None]:
    starts = stage.world.authentik.device_starts
    starts["127.0.0.1"] = [time.time()] * 20
    yield
    starts.clear()


@contextmanager
def _fresh(stage: Stage) -> Iterator[None]:
    outpost = _embedded(stage)
    config, providers = outpost.config, outpost.providers
    outpost.config, outpost.providers = outpost_config(""), []
    yield
    outpost.config, outpost.providers = config, providers


@contextmanager
def _domain_mode(stage: Stage) -> Iterator[None]:
    outpost = _embedded(stage)
    client_id = stage.tell(estate.CLIENT_IDS["lan"])
    made = estate.add_gated(stage.world, "lan", "LAN", client_id, "https://gate.lan.frank.derio.net")
    made.mode, made.cookie_domain = "forward_domain", "lan.frank.derio.net"
    outpost.providers = [*outpost.providers, made.pk]
    yield
    outpost.providers = outpost.providers[:-1]


@contextmanager
def _probe(stage: Stage) -> Iterator[None]:
    directory = stage.world.authentik.directory
    group = directory.group("sso-conformance")
    user = User(
        14,
        "svc-sso-conformance",
        "SSO conformance probe",
        stage.world.clock.started,
        type="service_account",
        path="goauthentik.io/service-accounts",
        groups=[group.pk],
    )
    directory.add_user(user)
    directory.tokens["sso-conformance-api"] = estate.Token("sso-conformance-api", 14, estate.PROBE_API)
    yield


def _secret_of_argocd(changed: dict[str, Any]) -> Situation:
    @contextmanager
    def held(stage: Stage) -> Iterator[None]:
        cluster = stage.world.cluster
        before = cluster.get("secrets", "argocd", "argocd-oidc")
        cluster.put({**deepcopy(before), **{part: {**before[part], **value} for part, value in changed.items()}})
        yield
        cluster.put(before)
        # It watches its Secrets, and starts its server anew when one changed.
        restart(stage.world, "argocd")

    return held


@contextmanager
def _history(stage: Stage) -> Iterator[None]:
    """What had happened before: logins, failed and good ones, a wrong redirect URI, a refresh token used twice."""
    if "history" not in stage.issued:
        stage.issued["history"] = "history"
        stage.happened()
    yield


@contextmanager
def _no_resolver(stage: Stage) -> Iterator[None]:
    for route in stage.world.cluster.list("ingressroutes"):
        route["spec"]["tls"].pop("certResolver", None)
    yield


HELD: dict[str, Situation] = {
    "no signing key": _setting(_grafana, "signing_key", lambda _: None),
    "global issuer": _setting(_grafana, "issuer_mode", lambda _: "global"),
    "application without provider": _without_provider,
    "provider without application": _without_application,
    "grafana for admins": _grafana_for_admins,
    "dave has an authenticator": _dave,
    "application asks for consent": _asking_for_consent,
    "device starts used up": _throttled,
    "bob inactive": _setting(lambda stage: stage.world.authentik.directory.users[6], "is_active", lambda _: False),
    "fresh install": _fresh,
    "blank host": _host(""),
    "stale host": _host("https://auth.old.example"),
    "host without scheme": _host("auth.frank.derio.net"),
    "host for browsers": _host("https://auth.frank.derio.net", "https://browsers.example"),
    "host for browsers without TLS": _host("http://auth.frank.derio.net", "https://browsers.example"),
    "release 2026.2": _setting(
        lambda stage: stage.world.authentik.rules, "blank_host", lambda _: "http://0.0.0.0:9000"
    ),
    "browser host in the environment": _setting(_replica, "host_browser", lambda _: "https://browsers.example"),
    "domain mode": _domain_mode,
    "outpost that knows an address inside": outposts.started("http://127.0.0.1:9000"),
    "outpost that knows both addresses": outposts.started("http://127.0.0.1:9000", "https://auth.frank.derio.net"),
    "outpost that knows the public address": outposts.started("https://auth.frank.derio.net"),
    "starting": _setting(_replica, "phase", lambda _: "starting"),
    "outpost empty": _setting(_replica, "seen", lambda _: OutpostView({}, [])),
    "argocd's secret is another one": _secret_of_argocd({"data": {"oidc.authentik.clientSecret": "d3Jvbmc="}}),
    "argocd's secret has no label": _secret_of_argocd({"metadata": {"labels": {}}}),
    "history": _history,
    "probe identity": _probe,
    "no certificate resolver": _no_resolver,
}
