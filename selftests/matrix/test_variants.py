"""Harmless changes that look like a fault leave everything green; one that does not is named."""

from collections.abc import Callable
from copy import deepcopy
from functools import partial

import pytest

from fixtures.catalogue.explaining import load_catalogue
from fixtures.engine.checks import catalogue
from lab.faults import load as load_faults
from lab.variants import Variant
from lab.variants import load as load_variants
from lab.world import World
from selftests.matrix.matrix import as_params
from selftests.support.suite_runs import RunOf, SuiteRun

VARIANTS = load_variants()
FAULTS = load_faults()
FEWEST = 100
# Questions that do not arise any more, because what a variant declares is their answer.
SPARED = {"OIDC-AUTHZ-03[argocd-slash]", "OIDC-SECRET-04[grafana]"}
# Checks of which something is so or is not: nothing harmless comes near it.
WITHOUT = {
    "FWD-PASS-04": "one gate's cookie opens another application, or it does not",
    "FWD-RD-01": "a foreign address is kept, or it is not",
    "OIDC-CODE-03": "a verifier is compared, or it is not",
    "OIDC-TOKEN-05": "the request gets a token, or it does not",
    "SMOKE-CLUSTER-01": "the Kubernetes API takes the credentials, or it does not",
    "SMOKE-UP-02": "the database answers, or it does not",
    "SMOKE-WRITE-01": "what was written is seen again, or it is not",
    "SMOKE-WRITE-02": "the operator hears of a change, or it does not",
    "SMOKE-WRITE-03": "a token works while it exists, or otherwise",
}


def harmful(names: list[str], is_green: Callable[[list[str]], bool]) -> list[str]:
    """Those of `names` that are not green: one run where all are, and two for each halving where not.

    Where the halves are green and the whole is not, the whole is to blame.
    """
    if not names or is_green(names):
        return []
    half = len(names) // 2
    found = [*harmful(names[:half], is_green), *harmful(names[half:], is_green)] if half else []
    return found or names


def _is_green(ask: RunOf, healthy: SuiteRun, names: list[str]) -> bool:
    """Whether with these variants nothing is red, nothing is left open, nothing is asked twice, and whatever was judged
    before still is."""
    run = ask(*(f"--lab-fault={name}" for name in names))
    lost, twice = healthy.named("passed") - SPARED - run.named("passed"), run.report["effort"]["repeated_questions"]
    green = run.exit_code == 0 and run.report["verdict"] == "HEALTHY" and not lost and not twice
    if not green:  # pytest shows it below the failure
        said = f"{run.report['verdict']}, exit {run.exit_code}, {twice} asked twice, passes no more: {sorted(lost)}"
        print(f"{said}; with {', '.join(names)}")
    return green


@pytest.fixture(scope="module")
def not_green(request: pytest.FixtureRequest, run_of: RunOf) -> list[str]:
    """The names of the selected variants that are not harmless; all of them are in force at once first."""
    items = (item for item in request.session.items if item.path == request.path and hasattr(item, "callspec"))
    asked = [item.callspec.params["variant"] for item in items if "variant" in item.callspec.params]
    seen = [each for each in asked if _shows_in_a_browser(each)]
    plain = _not_green(partial(run_of, "--lab"), [each for each in asked if each not in seen])
    return plain + _not_green(partial(run_of, "--lab", "--browser"), seen)


def _shows_in_a_browser(variant: Variant) -> bool:
    return any("--browser" in FAULTS[name].options for name in variant.of)


def _not_green(ask: Callable[..., SuiteRun], variants: list[Variant]) -> list[str]:
    if not variants:
        return []
    settled, pending = [[each.name for each in variants if bool(each.pending) is so] for so in (False, True)]
    is_green = partial(_is_green, ask, ask())
    return [*harmful(settled, is_green), *(name for name in pending if not is_green([name]))]


@pytest.mark.parametrize("variant", as_params(VARIANTS))
def test_a_variant_stays_green(variant: Variant, not_green: list[str]):
    assert variant.name not in not_green, f"pytest --lab --lab-fault {variant.name}"


def test_each_is_a_variant_of_a_fault():
    assert len(VARIANTS) >= FEWEST
    assert {name for variant in VARIANTS.values() for name in variant.of} <= set(FAULTS)
    assert not set(VARIANTS) & set(FAULTS)
    assert all(variant.summary.endswith(".") for variant in VARIANTS.values())


def _parts(world: World) -> tuple[object, ...]:
    cluster = world.cluster
    return (
        world.authentik,
        cluster.objects,
        cluster.logs,
        list(cluster.tampering),
        world.edge,
        world.applications,
        world.clock,
    )


def test_each_changes_the_world():
    world = World()
    for variant in VARIANTS.values():
        world.heal()
        before = deepcopy(_parts(world))
        assert before == _parts(world)
        variant.apply(world)
        assert before != _parts(world), f"{variant.name} changes nothing, so that its green says nothing"


def test_every_check_has_a_harmless_variant_of_what_turns_it_red():
    load_catalogue()
    alike = {
        red.partition("[")[0] for variant in VARIANTS.values() for name in variant.of for red in FAULTS[name].turns_red
    }
    assert set(catalogue) - alike == set(WITHOUT)


@pytest.mark.parametrize("bad", [set(), {"c"}, {"a", "e"}, {"a", "b", "c", "d", "e"}])
def test_the_one_that_is_not_harmless_is_named(bad):
    assert set(harmful(list("abcde"), lambda names: not bad & set(names))) == bad


def test_two_that_do_harm_only_together_are_both_named():
    found = harmful(list("abcd"), lambda names: not {"b", "c"} <= set(names))
    assert found == list("abcd")
