"""Healthy estates of another shape: nothing is red there, what is broken in them still is."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.shapes import Shape, load
from lab.shapes.hosts import SECOND_HOST
from lab.world import World
from selftests.matrix.matrix import as_params
from selftests.support.suite_runs import RunOf, run_suite

SHAPES = load()
SETTLED = {name: shape for name, shape in SHAPES.items() if not shape.pending}
DOCS = Path(__file__).parents[2] / "docs" / "lab.md"


@dataclass(frozen=True)
class Expected:
    """What a run in a shape comes to.

    `fault` is one whose case `red` must still be seen there. `lacking` is what the file gives not, with the line
    that would give it; `unverified` are checks that the shape leaves open; `warned` those that warn of how the real
    thing is. `options` are what the runs are given besides.
    """

    fault: str
    red: str
    lacking: tuple[str, str] = ("", "")
    unverified: frozenset[str] = frozenset()
    warned: frozenset[str] = frozenset()
    options: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The verdict of the healthy run."""
        if self.unverified or self.lacking[0]:
            return "PARTIAL"
        return "DEGRADED" if self.warned else "HEALTHY"


# Of the 200, whatever is asked once for the estate, and the last ones of each kind, which lie on the last pages.
FEW = ("-k", "extra-oidc-100 or extra-gated-100 or (smoke and not extra) or FWD-OUT or longhorn")
EXPECTED = {
    "200-applications": Expected("provider-forgotten", "SMOKE-PROV-02[providers]", options=FEW),
    "argocd-by-a-dex-elsewhere": Expected("dex-elsewhere-not-registered", "OIDC-PROV-04[argocd]"),
    "argocd-by-pkce": Expected("argocd-by-pkce-without-a-challenge", "OIDC-RP-01[argocd]"),
    "argocd-by-dex": Expected("argocd-redirect-of-before-dex", "OIDC-AUTHZ-01[argocd]"),
    "argocd-by-dex-of-two-connectors": Expected("argocd-logout-refused", "OIDC-LOGIN-03[argocd]"),
    "authentik-below-a-path": Expected("authentik-lost-its-path", "SMOKE-UP-01[public]"),
    "authentik-elsewhere": Expected("middleware-missing-on-route", "FWD-GATE-01[sympozium]"),
    "authentik-2025.10": Expected("authentik-host-blank", "FWD-GATE-02[longhorn]"),
    "authentik-2026.2": Expected("authentik-host-blank", "FWD-GATE-02[longhorn]"),
    "captcha-before-the-login": Expected(
        "authentik-host-blank", "FWD-GATE-02[longhorn]", lacking=("user", "bind the captcha stage by a policy")
    ),
    "deployed-by-flux": Expected("flux-cannot-apply", "SMOKE-GITOPS-01[apps]"),
    "domain-mode": Expected(
        "domain-gate-of-another-domain",
        "FWD-OUT-02[hubble]",
        unverified=frozenset({"FWD-SPOOF-02"}),
        # The suffix is compared without a dot: recordings/forward-auth/domain-start-rd-suffix-trick.json.
        warned=frozenset({"FWD-RD-01"}),
    ),
    "gate-before-grafana": Expected("gate-before-grafana-unassigned", "FWD-OUT-02[grafana-gate]"),
    "gate-before-the-dashboard": Expected("dashboard-past-its-gate", "FWD-ROUTE-01[dashboard]"),
    "gate-below-a-path": Expected("gate-below-a-path-lost", "FWD-ROUTE-01[longhorn]"),
    "gate-by-nginx": Expected(
        "authentik-host-stale",
        "FWD-GATE-02[longhorn]",
        unverified=frozenset({"FWD-ROUTE-02", "FWD-SPOOF-01", "FWD-ROUTE-06"}),
    ),
    "gate-on-a-wildcard": Expected("authentik-host-blank", "FWD-GATE-02[longhorn]"),
    "global-issuer": Expected("client-back-to-its-own-issuer", "OIDC-DISC-02[grafana]"),
    "grants-as-needed": Expected(
        "client-secret-unchecked",
        "OIDC-TOKEN-02[grafana]",
        options=("--lab-authentik", "2026.8"),
        unverified=frozenset({"OIDC-DISC-03", "FWD-GATE-03", "FWD-PASS-05"}),
    ),
    "infisical-without-oidc": Expected("provider-detached", "SMOKE-PROV-01[infisical]"),
    "ingress": Expected("ingress-without-the-gate", "FWD-ROUTE-01[sympozium]"),
    "issuer-inside-the-cluster": Expected(
        "issuer-of-before-inside",
        "OIDC-DISC-02[infisical]",
        unverified=frozenset(
            {"OIDC-DISC-02", "OIDC-DISC-06", "OIDC-JWKS-01", "OIDC-JWKS-02", "OIDC-JWKS-03", "OIDC-JWKS-04"}
        ),
    ),
    "middleware-chain": Expected("chain-without-the-gate", "FWD-GATE-01[longhorn]"),
    "no-api-token": Expected(
        "authentik-host-stale", "FWD-GATE-02[longhorn]", lacking=("api", '[authentik] token = { env = "')
    ),
    "no-cluster-access": Expected(
        "middleware-missing-on-route", "FWD-GATE-01[sympozium]", lacking=("cluster", "[cluster] context = ")
    ),
    "one-server-replica": Expected("authentik-host-blank", "FWD-HOST-02"),
    "outpost-of-two-replicas": Expected("outpost-replicas-keep-sessions-apart", "FWD-PASS-05[longhorn]"),
    "outpost-deployed-by-authentik": Expected("deployed-outpost-keeps-the-old-host", "FWD-HOST-02"),
    "plain-http": Expected("secure-cookies-over-plain-http", "OIDC-LOGIN-01[grafana]"),
    "policies-of-many-kinds": Expected("any-policy-is-enough", "OIDC-LOGIN-04[grafana]"),
    "proxy-mode": Expected("proxied-internal-host-gone", "FWD-PASS-01[longhorn]"),
    "public-client": Expected("public-client-without-pkce", "OIDC-RP-01[grafana]"),
    "relying-parties": Expected("miniflux-trusts-another-issuer", "OIDC-LOGIN-01[miniflux]"),
    "second-domain": Expected("second-host-lost-its-route", f"SMOKE-UP-01[{SECOND_HOST}]"),
    "second-outpost": Expected("second-outpost-lost-its-provider", "FWD-OUT-02[longhorn]"),
    "standalone-outpost": Expected("outpost-pod-down", "FWD-ROUTE-02[longhorn]"),
    "tokens-signed-by-the-secret": Expected("signing-key-of-somebody-who-takes-none", "OIDC-PROV-06[infisical]"),
    "traefik-as-a-daemon-set": Expected("middleware-missing-on-route", "FWD-GATE-01[sympozium]"),
    "traefik-2": Expected("old-group-past-the-gate", "FWD-ROUTE-01[longhorn]"),
    "traefik-3-6": Expected(
        "authentik-host-blank",
        "FWD-GATE-02[longhorn]",
        # Traefik 3.6 has nothing against headers that look like the gate's (CVE-2026-88011).
        warned=frozenset({"FWD-SPOOF-03"}),
    ),
    "without-external-secrets": Expected("grafana-secret-missing", "OIDC-SECRET-01[grafana]"),
    "workloads-of-other-controllers": Expected("rollout-aborted", "SMOKE-PODS-01[grafana]"),
}


def _options(name: str) -> tuple[str, ...]:
    return ("--lab-shape", name, *EXPECTED[name].options)


def test_each_shape_says_what_it_must_come_to():
    assert set(EXPECTED) == set(SHAPES)
    assert len(SHAPES) >= 12


def test_people_are_told_of_each_shape():
    rows = [line.split("|")[1] for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    assert set(SHAPES) <= {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("shape", as_params(SHAPES))
def test_a_healthy_estate_of_another_shape_is_not_red(shape: Shape, run_of: RunOf):
    run, expected = run_of("--lab", *_options(shape.name)), EXPECTED[shape.name]
    assert run.report, run.stdout[-2000:] + run.stderr[-2000:]
    assert run.exit_code == 0, run.verdict_line
    assert run.report["verdict"] == expected.verdict, run.verdict_line
    assert not run.named("failed") | run.named("blocked")
    assert _checks(run.named("warned")) == expected.warned
    assert run.report["ledger"]["written"] == 0
    assert run.report["effort"]["repeated_questions"] == 0
    # Whatever is left over was judged: most of what the runbook's estate is asked, whatever is missing.
    assert len(run.named("passed")) > 200 or expected.options == FEW


@pytest.mark.parametrize("shape", SETTLED.values(), ids=SETTLED)
def test_what_cannot_be_known_names_the_line_that_gives_it(shape: Shape, run_of: RunOf):
    run, expected = run_of("--lab", *_options(shape.name)), EXPECTED[shape.name]
    need, line = expected.lacking
    open_cases = [case for case in run.report["cases"] if case["name"] in run.unverified]
    assert all(case["cause"] and case["fix"] for case in open_cases)
    for_a_lack = [case for case in open_cases if need and case["need"] == need]
    assert all(line in case["fix"] for case in for_a_lack), {case["fix"] for case in for_a_lack}
    assert bool(for_a_lack) == bool(need)
    assert {case["id"] for case in open_cases if case not in for_a_lack} == expected.unverified


@pytest.mark.parametrize("shape", [SHAPES["plain-http"]], ids=["plain-http"])
def test_without_tls_no_certificate_is_asked_for_and_nothing_is_said_of_none(shape: Shape, run_of: RunOf):
    run = run_of("--lab", *_options(shape.name))
    of_tls = {case["name"]: case for case in run.report["cases"] if "TLS" in case["id"]}
    assert {case["outcome"] for case in of_tls.values()} == {"not applicable"}
    assert all("public https hosts" in case["cause"] for case in of_tls.values())
    assert not [row for row in run.report["ledger"]["rows"] if row["method"] == "HANDSHAKE"]


@pytest.mark.parametrize("shape", SETTLED.values(), ids=SETTLED)
def test_what_is_broken_in_it_is_seen(shape: Shape, run_under: RunOf):
    expected = EXPECTED[shape.name]
    run = run_under(expected.fault, options=_options(shape.name))
    assert expected.red in run.red, run.verdict_line
    assert run.report["roots"] or run.report["warnings"]


def _checks(cases: set[str]) -> set[str]:
    return {case.partition("[")[0] for case in cases}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_healing_returns_to_the_shape(shape: Shape):
    world = World(shape=shape.apply, relying_parties=shape.relying_parties)
    shaped = sorted(world.cluster.objects), sorted(world.authentik.applications), world.authentik.version
    world.authentik.applications.clear()
    world.cluster.objects.clear()
    world.heal()
    assert (sorted(world.cluster.objects), sorted(world.authentik.applications), world.authentik.version) == shaped


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--lab", "--lab-shape", "ingres"), "did you mean ingress?"),
        (("--lab-shape", "ingress"), "add --lab"),
    ],
)
def test_a_shape_that_is_not_there_is_bad_input(arguments, says):
    run = run_suite(*arguments)
    assert run.exit_code == 4
    assert says in run.stdout + run.stderr


def test_without_tls_it_is_said_where_credentials_go():
    """Before anything is sent, and by origin: the direct address is plain http in the runbook's estate as well."""
    plain = run_suite("--lab", "--lab-shape", "plain-http", "-k", "SMOKE-TIME").stdout
    (warning,) = [line for line in plain.splitlines() if "credentials go over plain http" in line]
    assert "http://auth.frank.derio.net, http://longhorn.frank.derio.net" in warning
    usual = run_suite("--lab", "-k", "SMOKE-TIME").stdout
    (warning,) = [line for line in usual.splitlines() if "credentials go over plain http" in line]
    assert "http://192.168.55.211:9000" in warning
    assert "frank.derio.net" not in warning
