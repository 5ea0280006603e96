"""Faults of the login flow, and of who logs in by it (runbook H3)."""

from __future__ import annotations

from lab import seeded
from lab.authentik.accounts import stable_uuid
from lab.authentik.flows.model import AUTHENTICATION, Stage
from lab.faults import fault
from lab.world import World

PROBE = "conformance-probe"


def _stages(world: World) -> list[Stage]:
    return world.authentik.flows[AUTHENTICATION].stages


def _before_login(world: World, kind: str, **settings: object) -> None:
    """One more stage, right before the one that logs the user in."""
    stage = Stage(stable_uuid("stage", f"login-{kind}"), f"login-{kind}", kind, settings)
    _stages(world).insert(-1, stage)


@fault(
    "probe-password-changed",
    known_from="a password that was rotated in Authentik alone",
    turns_red=("SMOKE-LOGIN-01[conformance-probe]",),
    blocks=("FWD-PASS", "OIDC-CODE", "OIDC-INTRO-01", "OIDC-LOGIN", "OIDC-UINFO-02"),
)
def probe_password_changed(world: World) -> None:
    """The probe user got a new password, and nobody told the suite."""
    seeded.user(world, PROBE).password = world.secrets.client_secret("the probe user's new password")


@fault(
    "probe-user-inactive",
    known_from="an offboarding script",
    turns_red=("SMOKE-USER-01",),
    blocks=("FWD-PASS", "OIDC-CODE", "OIDC-INTRO-01", "OIDC-LOGIN", "OIDC-UINFO-02", "SMOKE-LOGIN-01"),
)
def probe_user_inactive(world: World) -> None:
    """The probe user was deactivated."""
    seeded.user(world, PROBE).is_active = False


@fault(
    "second-factor-demanded",
    known_from="recordings/oidc/login-totp-06-get.json",
    turns_red=("SMOKE-LOGIN-01[conformance-probe]",),
    blocks=("FWD-PASS", "OIDC-CODE", "OIDC-INTRO-01", "OIDC-LOGIN", "OIDC-UINFO-02"),
)
def second_factor_demanded(world: World) -> None:
    """Somebody enrolled a TOTP device for the probe user, and the estate file knows no seed."""
    seeded.user(world, PROBE).totp_seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@fault(
    "login-denied",
    known_from="a reputation policy with a deny stage",
    turns_red=("SMOKE-LOGIN-01",),
    blocks=("FWD-PASS", "OIDC-CODE", "OIDC-INTRO-01", "OIDC-LOGIN", "OIDC-UINFO-02"),
)
def login_denied(world: World) -> None:
    """A deny stage ends every login, as a policy binds it for addresses of bad reputation."""
    _before_login(world, "deny", deny_message="Too many failed attempts from this address.")


@fault(
    "login-without-a-session",
    known_from="a flow without its user-login stage",
    turns_red=("SMOKE-LOGIN-01",),
    blocks=("FWD-PASS", "OIDC-CODE", "OIDC-INTRO-01", "OIDC-LOGIN", "OIDC-UINFO-02"),
)
def login_without_a_session(world: World) -> None:
    """The login flow lost its user-login stage: it lets everybody through, and nobody is logged in."""
    _stages(world).pop()
