"""Providers: what the estate file declares is there, and nothing else (runbook H2, S4)."""

from fixtures.engine.checks import because, check, mention
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.estate.places import all_routes, provider_page
from fixtures.exchange.api_objects import OAuthProvider, Provider, ProxyProvider
from fixtures.model.kinds import no_provider_of
from fixtures.model.remedy import Remedy, page
from fixtures.model.signals import Signal, given
from fixtures.topics.providers.questions import Declared
from fixtures.topics.providers.rules import (
    DESCRIBE_THEM,
    describing,
    provider_of_client,
    provider_of_gate,
    undeclared_providers,
    undeclared_routes,
)
from fixtures.topics.routes.inventory import gated_routes, open_hosts
from fixtures.topics.routes.middleware_rules import Middlewares
from fixtures.topics.routes.rules import Route


@check(
    "SMOKE-PROV-01",
    trouble="A provider is missing, or belongs to no application",
    claim="every declared provider exists and is attached to its application",
    runbook="H2 S4",
    blind="that its settings are right (OIDC-PROV, FWD-OUT)",
    optional=("oauth_providers", "proxy_providers"),
    needs=("api",),
)
def test_provider_is_attached(
    declared: Declared,
    oauth_providers: list[OAuthProvider] | Signal,
    proxy_providers: list[ProxyProvider] | Signal,
    estate: Estate,
) -> None:
    """A provider without its application is served at no address: discovery and gate answer 404."""
    gate, kind = declared.gate, no_provider_of(declared.gate.slug if declared.gate else declared.slug)
    found: Provider | None
    if gate:
        found = provider_of_gate(gate, given(proxy_providers))
    else:
        found = provider_of_client(declared.client_id, given(oauth_providers))
    cause, way_out = _no_gate(estate, gate) if gate else _no_client(estate, declared)
    assert found, because(cause, remedy=way_out, kind=kind)
    attached, name = found.assigned_application_slug, found.name
    remedy = Remedy(
        f"let application {declared.slug!r} use provider {name!r}", page(estate.admin_page("core/applications"))
    )
    kind = no_provider_of(declared.slug)
    assert attached, because(
        f"provider {name!r} of {declared.name} belongs to no application", remedy=remedy, kind=kind
    )
    assert attached == (declared.slug or attached), because(
        f"provider {name!r} of {declared.name} belongs to application {attached!r}, declared is {declared.slug!r}",
        remedy=Remedy(f"{remedy.sentence}, or correct slug in the estate file", *remedy.steps),
        kind=kind,
    )


def _no_client(estate: Estate, declared: Declared) -> tuple[str, str]:
    cause = f"no provider has the client id {declared.client_id!r} of {declared.name}"
    return cause, (
        Remedy(
            "create it, or correct client_id in the estate file; where a blueprint makes it, look at its status",
            page(estate.admin_page("core/providers")),
            page(estate.admin_page("blueprints/instances")),
        )
    )


def _no_gate(estate: Estate, gate: ForwardAuthApplication) -> tuple[str, str]:
    cause = (
        f"no proxy provider belongs to {gate.name}: none has the application {gate.slug!r} or the external host "
        f"{gate.external_url}; its gate answers 404"
    )
    return cause, (
        Remedy(
            f"create a proxy provider ({gate.mode}) for {gate.external_url}, with application "
            f"{gate.slug!r}, and assign it to the outpost {estate.authentik.outpost.name!r}",
            page(estate.admin_page("core/providers")),
            page(estate.admin_page("outpost/outposts")),
        )
    )


@check(
    "SMOKE-PROV-02",
    trouble="The estate file does not know a provider or gated route",
    claim="no live provider, and no route with the gate, is missing from the estate file or its ignore list "
    "(a warning)",
    runbook="H2 S4",
    blind="providers and routes that are described, but nobody uses any more",
    optional=("routes", "middlewares"),
    # Its routes are the cluster's; the case of the providers is judged without them.
    needs=("api", "cluster"),
)
def test_nothing_is_undescribed(
    inventory: str,
    all_providers: list[Provider],
    oauth_providers: list[OAuthProvider],
    proxy_providers: list[ProxyProvider],
    routes: tuple[Route, ...] | Signal,
    middlewares: Middlewares | Signal,
    estate: Estate,
) -> None:
    """What the file does not describe, nobody checks: a forgotten client, or a gate in front of an unknown host."""
    if inventory == "providers":
        what, kind = "live providers", 'provider = "…"'
        strangers = undeclared_providers(estate, all_providers, oauth_providers, proxy_providers)
        told = describing(strangers, oauth_providers, proxy_providers)
    else:
        what, kind = "routes with the gate", 'route = "namespace/ingressroute/name"'
        told = DESCRIBE_THEM
        mention("led somewhere without a gate", ", ".join(open_hosts(estate, given(routes), given(middlewares))))
        strangers = undeclared_routes(
            estate, ((route.ref, route.hosts) for route in gated_routes(given(routes), given(middlewares)))
        )
    assert not strangers, because(
        f"{what} that the estate file does not describe: {', '.join(strangers)}",
        remedy=Remedy(
            f"{told} to the estate file: [[ignore]] {kind}, reason = …; delete only what nobody uses",
            provider_page(estate) if inventory == "providers" else all_routes(estate),
        ),
        severity="warning",
    )
