"""An estate with relying parties of other kinds, which were measured as such (facts/generic-relying-parties.md)."""

from __future__ import annotations

from typing import Any, Final

from lab import names, seeded
from lab.applications.manners import MANNERS
from lab.authentik.providers import RedirectURI
from lab.registry import Table
from lab.shapes import shape
from lab.world import World

# What the estate file says of each besides its kind; Node-RED's is written as a profile of the file's own.
_SAID: Final[dict[str, dict[str, Any]]] = {
    "jupyterhub": {
        "kind": "jupyterhub",
        "login_button": "Sign in with Authentik",
        "role": "user",
        "login": {"role_contains": '"admin":false'},
    },
    "miniflux": {"kind": "miniflux"},
    "mod-auth-openidc": {"kind": "mod-auth-openidc", "login_start": "/app/"},
    "node-red": {"profile": "flows"},
    "oauth2-proxy": {"kind": "oauth2-proxy", "role": "developers", "login": {"role_contains": '"developers"'}},
    "pgadmin": {"kind": "pgadmin"},
}
_PROFILE: Final = {
    "name": "flows",
    "login_start": "/auth/strategy",
    "session": "/settings",
    "session_token": "access_token",
    "logout": "/auth/revoke",
    "logout_method": "POST",
}


def callback(name: str) -> str:
    """Where the relying party wants people to come back to."""
    return f"https://{names.public_host(name)}{MANNERS[name].callback}"


def _described(estate: Table) -> None:
    estate["profiles"] = [_PROFILE]
    for app in estate["oidc"]:
        if app["name"] in MANNERS:
            for key in ("kind", "login_start", "login"):
                del app[key]
            app |= {"role": False, "redirect_uris": [callback(app["name"])], "read_log": True, **_SAID[app["name"]]}


@shape("relying-parties", relying_parties=tuple(MANNERS), describe=_described)
def relying_parties(world: World) -> None:
    """Six relying parties of other kinds: logins that start by a form, tokens in place of cookies, logouts by POST."""
    for name, manner in MANNERS.items():
        application = world.applications[name]
        application.kind, application.manner, application.redirect_path = "generic", name, manner.callback
        if name == "mod-auth-openidc":
            # It can ask for a form, and for an ID token beside the code (OIDCResponseMode, OIDCResponseType); handlers
            # of ASP.NET's do so by themselves.
            application.response_type, application.response_mode = "code id_token", "form_post"
            seeded.provider(world, name).grant_types.append("hybrid")
        # JupyterHub's sessions are cookies, and no logout ends them (measured).
        application.logout_ends_session = name != "jupyterhub"
        seeded.provider(world, name).redirect_uris = [RedirectURI(callback(name))]
