"""The authorization endpoint: who may use the application, and what sends the browser back to it."""

from __future__ import annotations

import uuid
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.responses import Response

from lab.authentik import browser, pages
from lab.authentik.accounts import User
from lab.authentik.durations import duration
from lab.authentik.exchange import Exchange
from lab.authentik.flows.model import AUTHENTICATION, FULFILLMENT, Flow, Stage
from lab.authentik.oidc.errors import AuthorizationRefused, RefusedToClient
from lab.authentik.oidc.issuing import Issuance
from lab.authentik.oidc.requests import read_request
from lab.authentik.providers import Application, OAuth2Provider
from lab.authentik.responses import page, redirect
from lab.authentik.sessions import AuthorizationCode, AuthorizationRequest, Grant, Plan, Session

_LOGGER: Final = "authentik.providers.oauth2.views.authorize"


def authorize(exchange: Exchange) -> Response:
    """Answer an authorization request."""
    if not exchange.query_string and not exchange.body:
        return page(pages.not_found(), 404)
    try:
        return _judge(exchange, read_request(exchange))
    except AuthorizationRefused as refusal:
        return refusal.answer(exchange)


def login_redirect(exchange: Exchange, flow: str | None) -> Response:
    """To the login flow, and from there back here; `flow` is the primary key of another than the default."""
    found = exchange.state.flow(flow) if flow else exchange.state.flows.get(AUTHENTICATION)
    if found is None:
        return page(pages.not_found(), 404)
    browser.ensure(exchange).plan = None
    sent = [*parse_qsl(exchange.query_string, keep_blank_values=True), ("next", exchange.target)]
    return redirect(f"/if/flow/{found.slug}/?{urlencode(sent)}")


def _judge(exchange: Exchange, request: AuthorizationRequest) -> Response:
    state = exchange.state
    provider = state.providers[request.provider]
    user = browser.user_of(exchange)
    if "none" in request.prompt and user is None:
        raise _refusal(request, "login_required")
    application = state.application_of(provider)
    if application is None:
        return page(pages.permission_denied(user))
    if user is None or _too_old(exchange, request):
        response = login_redirect(exchange, provider.authentication_flow)
        if exchange.session:
            exchange.session.application = application.slug
        return response
    if not state.rules.may_use(state.directory, application, user):
        return page(pages.permission_denied(user))
    flow = state.flow(provider.authorization_flow)
    if flow is None:
        return page(pages.not_found(), 404)
    return _proceed(exchange, request, flow, user)


def _refusal(request: AuthorizationRequest, error: str) -> RefusedToClient:
    return RefusedToClient(request.redirect_uri, error, request.state, fragment=request.in_fragment)


def _too_old(exchange: Exchange, request: AuthorizationRequest) -> bool:
    """Whether prompt=login or max_age want a newer login than the session's.

    A login that prompt=login found too old is written down only where it asks for another, so that a session is asked
    once, and one that began with the question is asked twice (facts/relying-parties.md 2.3).
    """
    session = exchange.session
    if session is None or session.authenticated_at is None:
        return True
    age = (exchange.now - session.authenticated_at).total_seconds()
    if request.max_age is not None and age > request.max_age:
        return True
    if "login" not in request.prompt:
        return False
    if session.reauthenticate not in (None, session.authenticated_at):
        return False
    session.reauthenticate = session.authenticated_at
    return True


def _proceed(exchange: Exchange, request: AuthorizationRequest, flow: Flow, user: User) -> Response:
    stages = [stage for stage in flow.stages if not _consented(exchange, stage, request, user)]
    # A form has to be posted by a page (Authentik's source: only what travels in an address skips the flow).
    if not stages and not request.by_form:
        session = browser.ensure(exchange)
        return redirect(fulfil(exchange, request, session, user))
    if "none" in request.prompt:
        raise _refusal(request, "consent_required")
    session = browser.ensure(exchange)
    session.plan = Plan(flow.slug, [*stages, Stage("", "", FULFILLMENT)], user.pk, user.username)
    session.plan.authorization = request
    query = urlencode(parse_qsl(exchange.query_string, keep_blank_values=True))
    return redirect(f"/if/flow/{flow.slug}/?{query}")


def _consented(exchange: Exchange, stage: Stage, request: AuthorizationRequest, user: User) -> bool:
    """Whether the stage would only ask what the user has agreed to for good."""
    lasting = stage.kind == "consent" and stage.settings.get("mode") != "always_require"
    return lasting and (user.pk, request.provider) in exchange.state.consents


def fulfil(exchange: Exchange, request: AuthorizationRequest, session: Session, user: User) -> str:
    """Grant what was asked for: the address of the client with code or tokens. Writes the event."""
    state = exchange.state
    provider = state.providers[request.provider]
    grant = Grant(
        provider.pk,
        user.pk,
        request.scopes,
        session.authenticated_at or exchange.now,
        request.nonce,
        session.key,
        session.methods,
    )
    _record(exchange, request, provider, user)
    parameters: dict[str, str] = {}
    if "code" in request.response_type.split():
        parameters["code"] = _new_code(exchange, request, provider, grant)
    if request.in_fragment:
        parameters.update(_front_channel_tokens(exchange, request, provider, grant, user))
    if request.state:
        parameters["state"] = request.state
    return _with_parameters(request, parameters)


def _new_code(exchange: Exchange, request: AuthorizationRequest, provider: OAuth2Provider, grant: Grant) -> str:
    code = uuid.uuid4().hex
    expires = exchange.now + duration(provider.access_code_validity)
    exchange.state.codes[code] = AuthorizationCode(code, grant, expires, request.challenge, request.challenge_method)
    return code


def _front_channel_tokens(
    exchange: Exchange, request: AuthorizationRequest, provider: OAuth2Provider, grant: Grant, user: User
) -> dict[str, str]:
    issuance = Issuance(exchange.state, provider, grant, user, exchange.origin, exchange.now)
    claims = issuance.claims(provider.access_token_validity)
    wanted = request.response_type.split()
    tokens: dict[str, str] = {}
    if "token" in wanted:
        tokens["access_token"] = issuance.access_token(claims)
        tokens["token_type"] = "Bearer"
    if "id_token" in wanted:
        tokens["id_token"] = issuance.id_token(claims)
    tokens["expires_in"] = str(int(duration(provider.access_token_validity).total_seconds()))
    return tokens


def _with_parameters(request: AuthorizationRequest, parameters: dict[str, str]) -> str:
    parts = urlsplit(request.redirect_uri)
    if request.in_fragment:
        return urlunsplit(parts._replace(fragment=urlencode(parameters)))
    query = [*parse_qsl(parts.query, keep_blank_values=True), *parameters.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _record(exchange: Exchange, request: AuthorizationRequest, provider: OAuth2Provider, user: User) -> None:
    application = exchange.state.application_of(provider)
    flow = exchange.state.flow(provider.authorization_flow)
    exchange.record(
        "authorize_application",
        _LOGGER,
        user=user,
        authorized_application=application_reference(application),
        flow=flow.pk.replace("-", "") if flow else "",
        scopes=" ".join(request.scopes),
    )


def application_reference(application: Application | None) -> dict[str, str]:
    """How an event names an application."""
    if application is None:
        return {}
    pk = application.pk.replace("-", "")
    return {"pk": pk, "app": "authentik_core", "name": application.name, "model_name": "application"}
