"""Blueprints: what the configuration in Git became (runbook H2)."""

from fixtures.engine.checks import because, check
from fixtures.engine.subjects import refuse_unsaid
from fixtures.estate.estate import Estate
from fixtures.exchange.api_objects import Blueprint
from fixtures.model.remedy import Remedy, page, read
from fixtures.topics.operations.rules import blueprint_complaints


@check(
    "SMOKE-BP-01",
    trouble="A blueprint has failed, or is missing",
    claim="no enabled blueprint is in error, orphaned or unknown; every declared path has an instance",
    runbook="H2",
    blind="that a blueprint says what was meant; providers and users are judged for themselves",
    needs=("api",),
)
def test_blueprints_are_applied(blueprints: list[Blueprint], estate: Estate) -> None:
    """A blueprint that fails leaves a status and nothing else; one with broken YAML leaves not even an instance."""
    wrong = blueprint_complaints(estate.authentik.blueprints, blueprints)
    namespace, worker = estate.authentik.namespace, estate.authentik.worker
    assert not wrong, because(
        "; ".join(wrong),
        remedy=Remedy(
            "fix the blueprint: its page shows the error, and `ak apply_blueprint` in the worker prints it whole",
            read("kubectl -n {} logs deploy/{} --tail=50", namespace, worker),
            page(estate.admin_page("blueprints/instances")),
        ),
    )
    warned = [entry.path or entry.name for entry in blueprints if entry.status == "warning"]
    assert not warned, because(
        f"applied with warnings: {', '.join(warned)}",
        remedy=Remedy(
            "switch them on again, or leave them out of the estate file",
            page(estate.admin_page("blueprints/instances")),
        ),
        severity="warning",
    )
    line = 'add to [authentik]: blueprints = ["…"] (Customisation → Blueprints shows their paths)'
    refuse_unsaid(
        estate.authentik, "blueprints", "authentik.blueprints", "which blueprints must have an instance", line
    )
