"""Paths that a provider leaves open (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.forward_auth import ForwardAuthApplication
from fixtures.exchange.api_objects import ProxyProvider
from fixtures.model.remedy import Remedy, page
from fixtures.topics.expressions.rules import skip_expressions, skip_path_complaints
from fixtures.topics.gate.paths import open_expression
from fixtures.topics.providers.rules import proxy_of

# Nobody's application has it, so an expression that matches it matches anything.
NOWHERE = "/sso-conformance-nowhere"


@check(
    "FWD-ROUTE-04",
    trouble="Paths are open that nobody declared, or too many",
    claim="skip-path expressions are declared and anchored, and do not open what they should not",
    runbook="H4",
    blind="what the open paths themselves give away",
    requires=("provider_of_gate",),
    needs=("api",),
)
def test_skip_paths_are_narrow(
    proxy_providers: list[ProxyProvider], gate: ForwardAuthApplication, estate: Estate
) -> None:
    """Authentik searches an expression anywhere in the path: `/api` opens /private/api as well."""
    provider = proxy_of(gate, proxy_providers)
    base = gate.url if gate.mode == "domain" else gate.below
    gated = [base + path for path in (*gate.paths, NOWHERE)]
    wrong = []
    for expression in skip_expressions(provider.skip_path_regex):
        notes = skip_path_complaints(expression, gate.skip_paths, gated)
        wrong += [f"{expression!r}: {', '.join(notes)}"] if notes else []
    assert not wrong, because(
        f"provider {provider.name!r} of {gate.name} leaves paths open: {'; '.join(wrong)}",
        remedy=Remedy(
            f"Unauthenticated Paths: write {open_expression(gate, '/path/')} or remove it; what is "
            f"meant goes into the estate file: skip_paths = ['{open_expression(gate, '/path/')}'] of "
            f"{gate.name}",
            page(f"{estate.admin_page('core/providers')}/{provider.pk}"),
        ),
    )
