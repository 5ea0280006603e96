"""Faults behind a gate that is shut as it should be: they show to whoever passes it (runbook H4, D1)."""

from __future__ import annotations

from typing import Final

from lab import seeded
from lab.faults import fault
from lab.world import World

_BROWSER: Final = "AUTHENTIK_HOST_BROWSER"


@fault(
    "application-behind-the-gate-down",
    known_from="recordings/traefik/backend-down.json",
    turns_red=("FWD-PASS-01[sympozium]",),
    blocks=("FWD-PASS-04[sympozium]",),
)
def application_behind_the_gate_down(world: World) -> None:
    """Nothing listens where Sympozium's Service leads: the gate passes, and the proxy answers 502."""
    world.applications["sympozium"].up = False


@fault(
    "gate-login-loop",
    known_from="AUTHENTIK_HOST_BROWSER on the server: recordings/forward-auth/fault-env-host-browser-callback.json",
    turns_red=("FWD-PASS-01", "FWD-PASS-02"),
    blocks=("FWD-PASS-04", "FWD-PASS-05"),
)
def gate_login_loop(world: World) -> None:
    """AUTHENTIK_HOST_BROWSER is set in the servers by what nobody sees: no gate redeems its code, logins begin anew."""
    for replica in world.authentik.replicas:
        replica.host_browser = "https://sso.frank.derio.net"


@fault(
    "host-browser-beside-the-embedded-outpost",
    known_from="recordings/forward-auth/fault-env-host-browser-callback.json; goauthentik/authentik issue 26280",
    turns_red=("FWD-HOST-01[server]", "FWD-PASS-01", "FWD-PASS-02"),
    blocks=("FWD-PASS-04", "FWD-PASS-05"),
)
def host_browser_beside_the_embedded_outpost(world: World) -> None:
    """AUTHENTIK_HOST_BROWSER in the servers' manifest is the host of before, where the outpost has the new one."""
    before = "https://sso.frank.derio.net"
    seeded.container(world, "authentik", "authentik-server")["env"].append({"name": _BROWSER, "value": before})
    for replica in world.authentik.replicas:
        replica.host_browser = before


@fault(
    "header-login-off", known_from="'Intercept header authentication' switched off", turns_red=("FWD-PASS-02[hubble]",)
)
def header_login_off(world: World) -> None:
    """Hubble's provider does not look at Authorization headers any more, so that programs are sent to the login."""
    seeded.gate(world, "hubble").intercept_header_auth = False


@fault("app-password-wrong", known_from="an app password made anew in Authentik alone", turns_red=("FWD-PASS-02",))
def app_password_wrong(world: World) -> None:
    """The service account's app password is another than the estate file leads to."""
    token = world.authentik.directory.tokens["sso-conformance-gate"]
    token.key = world.secrets.client_secret("another app password")


@fault("sympozium-open-to-everybody", known_from="a binding lost in a blueprint", turns_red=("FWD-PASS-03[sympozium]",))
def sympozium_open_to_everybody(world: World) -> None:
    """Sympozium's application lost its policy bindings: without any, everybody may use it."""
    world.authentik.applications["sympozium"].bindings = []


@fault("gate-cookie-opens-all", known_from="one session store for all of an outpost", turns_red=("FWD-PASS-04",))
def gate_cookie_opens_all(world: World) -> None:
    """A gate does not ask for which application a session was made: one application's cookie opens all."""
    world.authentik.rules.gate_bound_to_application = False
