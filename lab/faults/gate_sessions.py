"""Faults behind a gate that is shut as it should be: they show to whoever passes it (runbook H4, D1)."""

from __future__ import annotations

from lab import seeded
from lab.faults import fault
from lab.world import World


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
    """AUTHENTIK_HOST_BROWSER is set on the servers: no gate redeems its code, and each asks for a login ever anew."""
    for replica in world.authentik.replicas:
        replica.host_browser = "https://sso.frank.derio.net"


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
