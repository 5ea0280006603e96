"""How applications that are no Argo CD, Grafana or Infisical go about their logins, as data.

Addresses, proofs, ends of logouts and of failed logins are as facts/generic-relying-parties.md measured them (sections
3 to 5); what a log says is in the words of the library that the application is built on, which each manner names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from html import escape
from typing import Final, Literal, NamedTuple

from starlette.responses import JSONResponse, RedirectResponse, Response

from lab.applications.answers import page
from lab.authentik.providers import Claims

SHOWN: Final = "csrf"
Failure = Literal["secret", "issuer", "clock", "state"]


class Manner(NamedTuple):
    """How one application goes about its logins."""

    start: str
    callback: str
    session: str
    # What it answers to somebody with a session, by the claims and the token of the page's form.
    shows: Callable[[Claims, str], Response]
    # How a login ends that failed, and what the log then says.
    refuses: Callable[[], Response]
    words: Mapping[Failure, str]
    # The form field that a login start by POST must have; empty where it is a GET.
    start_field: str = ""
    # What its page shows to somebody without a session, where a login is begun by a click there.
    entrance: str = ""
    # The parameter that takes a bearer token to the page, in place of a cookie's session.
    hands_over: str = ""
    # Where somebody without a session is sent; empty for a 401.
    anonymous: str = ""
    # A logout that is posted wants the form's token back, and is 405 to a GET; one that leaves by the issuer leads on
    # to the issuer's end-session.
    logout: str = ""
    posted: bool = False
    leaves_by_issuer: bool = False
    # It asks userinfo, and looks at no ID token.
    believes_any_issuer: bool = False
    # How far in the future a token may be issued; None where nobody looks.
    iat_slack: timedelta | None = None


def _page_of(title: str, status: int = 200) -> Callable[[], Response]:
    def answer() -> Response:
        made = page(title)
        made.status_code = status
        return made

    return answer


def _user_json(claims: Claims, _: str) -> Response:
    told = {"user": claims.get("sub"), "email": claims.get("email"), "groups": claims.get("groups", [])}
    return JSONResponse(told | {"preferredUsername": claims.get("preferred_username", "")})


def _userinfo(claims: Claims, _: str) -> Response:
    return JSONResponse({"userinfo": {name: claims[name] for name in sorted(claims)}})


def _hub_user(claims: Claims, _: str) -> Response:
    return JSONResponse({"kind": "user", "name": claims.get("preferred_username"), "admin": False, "groups": []})


def _settings_page(claims: Claims, token: str) -> Response:
    name = escape(str(claims.get("preferred_username", "")))
    form = f'<form method="post" action="/logout"><input type="hidden" name="{SHOWN}" value="{token}"></form>'
    return page("Settings - Miniflux", f"<h1>Settings</h1><p>{name}</p>{form}")


def _script(claims: Claims, _: str) -> Response:
    user = {"email": claims.get("email"), "name": claims.get("preferred_username"), "is_admin": False}
    text = f"define('pgadmin.user_management.current_user', [], function() {{ return {json.dumps(user)}; }});"
    return Response(text, media_type="application/javascript")


def _flow_settings(claims: Claims, _: str) -> Response:
    return JSONResponse({"httpNodeRoot": "/", "user": {"username": claims.get("preferred_username")}})


# golang.org/x/oauth2 and coreos/go-oidc, which oauth2-proxy and Miniflux are built on.
_GO: Final[Mapping[Failure, str]] = {
    "secret": 'oauth2: "invalid_client" "Client authentication failed"',
    "issuer": "oidc: id token issued by a different provider",
    "clock": "oidc: token is expired",
    "state": "state does not match",
}


def _go(line: str) -> Mapping[Failure, str]:
    return {failure: line.format(words) for failure, words in _GO.items()}


MANNERS: Final[Mapping[str, Manner]] = {
    "jupyterhub": Manner(
        "/hub/oauth_login",
        "/hub/oauth_callback",
        "/hub/api/user",
        _hub_user,
        _page_of("JupyterHub", 500),
        {
            "secret": '[E oauth2:598] Error fetching 400 POST https://…/token/: {"error": "invalid_client"}',
            "state": "[W oauth2:400] OAuth state missing from cookies",
        },
        # JupyterHub's own login page, share/jupyterhub/templates/login.html; the name is its login_service.
        entrance='<a role="button" class="btn" href="/hub/oauth_login?next=">Sign in with Authentik</a>',
        logout="/hub/logout",
        believes_any_issuer=True,
    ),
    "miniflux": Manner(
        "/oauth2/oidc/redirect",
        "/oauth2/oidc/callback",
        "/settings",
        _settings_page,
        lambda: RedirectResponse("/", 302),
        _go("level=WARN msg=\"Unable to get OIDC user profile\" error='{}'"),
        anonymous="/",
        logout="/logout",
        posted=True,
    ),
    # Words and slack: the module's own source, src/proto.c (oidc_proto_validate_jwt, oidc_proto_validate_iat).
    "mod-auth-openidc": Manner(
        "/app/",
        "/redirect_uri",
        "/redirect_uri?info=json",
        _userinfo,
        _page_of("Error"),
        {
            "secret": 'oidc_util_check_json_error: response contained an "error" entry with value: "invalid_client"',
            "issuer": 'oidc_proto_validate_jwt: requested issuer (…) does not match received "iss" value '
            "in id_token (…)",
            "clock": 'oidc_proto_validate_iat: "iat" validation failure: JWT was issued more than 600 seconds in the '
            "future",
            "state": "oidc_restore_proto_state: no state cookie found",
        },
        logout="/redirect_uri?logout=",
        leaves_by_issuer=True,
        iat_slack=timedelta(seconds=600),
    ),
    # Revoking, and where a callback that fails leads: its own source, editor-api, lib/auth/index.js.
    "node-red": Manner(
        "/auth/strategy",
        "/auth/strategy/callback",
        "/settings",
        _flow_settings,
        lambda: RedirectResponse("/?session_message=InternalOAuthError%3A%20Failed", 302),
        {"secret": "InternalOAuthError: Failed to obtain access token (invalid_client)"},
        hands_over="access_token",
        logout="/auth/revoke",
        posted=True,
        believes_any_issuer=True,
    ),
    "oauth2-proxy": Manner(
        "/oauth2/start",
        "/oauth2/callback",
        "/oauth2/userinfo",
        _user_json,
        _page_of("Internal Server Error", 500),
        _go("[oauthproxy.go:889] Error redeeming code during OAuth2 callback: {}"),
        logout="/oauth2/sign_out",
    ),
    "pgadmin": Manner(
        "/authenticate/login",
        "/oauth2/authorize",
        "/user_management/current_user.js",
        _script,
        lambda: RedirectResponse("/login", 302),
        {"secret": "authlib.integrations.base_client.errors.OAuthError: invalid_client: Client authentication failed"},
        start_field="oauth2_button",
        # pgAdmin's own login page, static/js/Pages/LoginPage.jsx; a button of another kind stands above it.
        entrance='<form action="/authenticate/login" method="post"><input name="email">'
        '<button name="internal_button" value="Login">Login</button>'
        '<button name="oauth2_button" value="authentik">Login with Authentik</button></form>',
        anonymous="/login",
        logout="/logout",
    ),
}
