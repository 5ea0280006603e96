"""Providers: what the estate file declares is there, and nothing else (runbook H2, S4)."""

from fixtures.engine.checks import because, check
from fixtures.topics.providers.rules import no_provider_of


@check(
    "SMOKE-PROV-01",
    claim="every declared provider exists and is attached to its application",
    runbook="H2 S4",
    blind="that its settings are right (OIDC-PROV, FWD-OUT)",
    needs=("api",),
)
def test_provider_is_attached(declared_provider, declared, estate):
    """A provider without its application is served at no address: discovery and gate answer 404."""
    attached, name = declared_provider.assigned_application_slug, declared_provider.name
    remedy = f"{estate.admin_page('core/applications')}: let application {declared.slug!r} use provider {name!r}"
    kind = no_provider_of(declared.slug)
    assert attached, because(
        f"provider {name!r} of {declared.name} belongs to no application", remedy=remedy, kind=kind
    )
    assert attached == (declared.slug or attached), because(
        f"provider {name!r} of {declared.name} belongs to application {attached!r}, declared is {declared.slug!r}",
        remedy=f"{remedy}, or correct slug in the estate file",
        kind=kind,
    )


@check(
    "SMOKE-PROV-02",
    claim="no live provider, and no route with the gate, is missing from the estate file or its ignore list "
    "(a warning)",
    runbook="H2 S4",
    blind="providers and routes that are described, but nobody uses any more",
    # Its routes are the cluster's; the case of the providers is judged without them.
    needs=("api", "cluster"),
)
def test_nothing_is_undescribed(strangers, inventory):
    """What the file does not describe, nobody checks: a forgotten client, or a gate in front of an unknown host."""
    what = "live providers" if inventory == "providers" else "routes with the gate"
    kind = 'provider = "…"' if inventory == "providers" else 'route = "namespace/ingressroute/name"'
    assert not strangers, because(
        f"{what} that the estate file does not describe: {', '.join(strangers)}",
        remedy=f"describe them, delete them, or add to the estate file: [[ignore]] {kind}, reason = …",
        severity="warning",
    )
