"""A draft is a whole estate file of what is live; judged, it is not red where the estate is not."""

import tomllib

import pytest

from fixtures.draft.writing import as_toml
from fixtures.estate.loading import parse_estate
from lab import seeded
from lab.shapes import RUNBOOK, load
from selftests.support.drafts import drafting
from selftests.support.settling import apart, taken_up
from selftests.support.suite_runs import run_suite

# A fault that a draft would otherwise write down as if it were meant, and what is asked about it.
DOUBTED = {
    "redirect-uri-too-many": "http://localhost:8080/callback is not on",
    "grafana-without-env-from": "takes its client secret",
    "external-secret-missing": "is it kept by hand?",
    "external-secret-other-target": "is it kept by hand?",
    "hubble-not-deployed": "selects the pods of no workload",
    "issuer-mode-global": "issuer mode is not the one that most have",
    "blueprint-without-instance": "cm-authentik-blueprints-provider-grafana is mounted, and no instance",
    "token-nobody-knows": "'api-ops' never expires: who uses it?",
    "signing-key-missing": "signing_key = False is not the usual True",
    "group-deleted": "'devops', and Authentik has no group of that name",
    "probe-user-inactive": "conformance-probe is deactivated",
    "argocd-everybody-is-admin": "conformance-probe is more than most there (admin)",
    "grafana-maps-roles-wrongly": "role_attribute_path of grafana/deployment/grafana does not tell that",
}
TOKEN_ALONE, CLUSTER_ALONE, BOTH = {"cluster": False}, {"token": False}, {}
# What the suite's own rights do not show, and an operator's do.
UNSEEN = {
    "statefulsets",
    "daemonsets",
    "kustomizations",
    "helmreleases",
    "argocd/argocd-rbac-cm",
    "grafana/grafana",
    "access",
}
# Of these a person says more that nothing tells: scopes of a Dex, how logins begin and sessions show, secrets; and what
# no list of applications shows: that a flow of its own denies somebody. Nor does a draft look for workloads of other
# controllers, or for the hosts in Grafana's and Infisical's settings.
APART = {
    "argocd-by-a-dex-elsewhere": 14,
    "argocd-by-dex": 12,
    "argocd-by-dex-of-two-connectors": 12,
    "authentik-elsewhere": 11,
    "deployed-by-flux": 11,
    "domain-mode": 12,
    "gate-before-grafana": 12,
    "gate-by-nginx": 12,
    "global-issuer": 11,
    "grants-as-needed": 11,
    "infisical-without-oidc": 13,
    "issuer-inside-the-cluster": 11,
    "no-api-token": 11,
    "no-cluster-access": 11,
    "policies-of-many-kinds": 12,
    "relying-parties": 22,
    "second-domain": 13,
    "without-external-secrets": 14,
    "workloads-of-other-controllers": 25,
}
# Shapes by what a draft has to find out of them, and from what is given.
JUDGED = (
    ("runbook", BOTH),
    ("global-issuer", BOTH),
    ("ingress", BOTH),
    ("argocd-by-a-dex-elsewhere", BOTH),
    ("argocd-by-a-dex-elsewhere", TOKEN_ALONE),
    ("argocd-by-a-dex-elsewhere", CLUSTER_ALONE),
    ("argocd-by-pkce", CLUSTER_ALONE),
    ("authentik-below-a-path", TOKEN_ALONE),
    ("authentik-below-a-path", CLUSTER_ALONE),
    ("authentik-elsewhere", BOTH),
    ("authentik-elsewhere", CLUSTER_ALONE),
    ("second-outpost", BOTH),
    ("proxy-mode", BOTH),
    ("proxy-mode", CLUSTER_ALONE),
    ("gate-below-a-path", BOTH),
    ("gate-below-a-path", CLUSTER_ALONE),
)


def parsed(found):
    return parse_estate(tomllib.loads(as_toml(found)), "draft")


@pytest.mark.parametrize("given", [TOKEN_ALONE, CLUSTER_ALONE, BOTH], ids=["token", "cluster", "both"])
def test_each_side_alone_gives_a_whole_file(tmp_path, given):
    with drafting(tmp_path) as lab:
        found = lab.draft(**given)
        estate, own = parsed(found), lab.estate
    assert {remark.partition(" ")[0] for remark in found.remarks} <= UNSEEN, found.remarks
    assert estate.authentik.public_url == own.authentik.public_url
    assert {app.url for app in estate.forward_auth} == {app.url for app in own.forward_auth}
    assert {"argocd", "grafana"} <= {app.name for app in estate.oidc}


def test_two_drafts_of_one_estate_are_equal(tmp_path):
    with drafting(tmp_path) as lab:
        assert as_toml(lab.draft()) == as_toml(lab.draft())


def test_it_says_what_the_labs_own_file_says(tmp_path):
    with drafting(tmp_path) as lab:
        estate, own = parsed(lab.draft()), lab.estate
    for name in ("gitops", "groups", "tokens", "workloads"):
        assert set(getattr(estate, name)) == set(getattr(own, name)), name
    assert estate.traefik == own.traefik
    for app, wanted in zip(estate.oidc, own.oidc, strict=True):
        differing = {key for key in type(app).model_fields if getattr(app, key) != getattr(wanted, key)}
        # read_value of a secret is leave that only a person gives; the grants that are needed follow from the scopes.
        differing -= {"grant_types"} if "scopes" in differing else set()
        assert differing <= {"claims", "role", "scopes", "org_slug", "login_start", "configured", "reason", "secret"}
    gates = {app.name: app for app in own.forward_auth}
    for app in estate.forward_auth:
        differing = {key for key in type(app).model_fields if getattr(app, key) != getattr(gates[app.name], key)}
        assert differing <= {"expects", "echo"}


def test_an_application_behind_a_gate_says_so_and_a_way_around_it_is_asked_about(tmp_path):
    with drafting(tmp_path, shape="gate-before-grafana") as lab:
        found = lab.draft()
    (grafana,) = (app for app in parsed(found).oidc if app.name == "grafana")
    assert (grafana.behind_gate, grafana.direct_url) == ("grafana-gate", "http://grafana.grafana.svc")
    assert [ask for ask in found.decisions if "around the gate of grafana." in ask and "other_ways" in ask]


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """What a draft of the healthy lab asks."""
    with drafting(tmp_path_factory.mktemp("healthy")) as healthy:
        return healthy.draft(operator=True).decisions


@pytest.mark.parametrize("fault", DOUBTED)
def test_what_is_odd_is_asked_about(tmp_path, fault, usual):
    with drafting(tmp_path, fault) as lab:
        found = set(lab.draft(operator=True).decisions).difference(usual)
    assert [ask for ask in found if DOUBTED[fault] in ask], found


@pytest.mark.parametrize(("shape", "given"), JUDGED)
def test_judged_it_is_not_red(tmp_path, shape, given):
    with drafting(tmp_path, shape=shape) as lab:
        path = lab.kept(lab.draft(**given))
        run = run_suite("--estate", str(path), "--vantage", "inside", environment=lab.lab.environment)
    assert run.exit_code == 0, run.stdout[-2000:]
    assert run.outcomes
    assert run.report["verdict"] in ("HEALTHY", "PARTIAL")


@pytest.mark.parametrize("shape", [RUNBOOK.name, *sorted(load().keys() - {"200-applications"})])
def test_an_operators_draft_is_near_the_file_that_a_person_keeps(tmp_path, shape):
    with drafting(tmp_path, shape=shape) as lab:
        found = lab.draft(operator=True)
        kept = lab.kept(taken_up(as_toml(found))).read_text()
        away = apart(kept, lab.estate)
    assert not found.remarks
    assert len(away) <= APART.get(shape, 10), away


def test_as_it_was_drafted_the_estate_is_healthy_and_what_it_asks_stays_visible(tmp_path):
    with drafting(tmp_path) as lab:
        found = lab.draft(operator=True)
        path = lab.kept(found)
        path.write_text(f"{path.read_text()}\n# DECIDE for the test: which hosts?\n")
        run = run_suite("--estate", str(path), "--vantage", "inside", environment=lab.lab.environment)
    assert found.decisions
    assert (run.exit_code, run.report["verdict"]) == (0, "HEALTHY"), run.stdout[-2000:]
    (asked,) = run.report["undecided"]
    assert asked.endswith("for the test: which hosts?")
    assert f"  - {asked}" in run.stdout.splitlines()
    assert ", 1 to decide" in run.stdout.splitlines()[-1]


def test_once_its_offers_are_taken_up_the_estate_is_healthy(tmp_path):
    with drafting(tmp_path) as lab:
        path = lab.kept(taken_up(as_toml(lab.draft(operator=True))))
        run = run_suite("--estate", str(path), "--vantage", "inside", environment=lab.lab.environment)
    assert (run.exit_code, run.report["verdict"]) == (0, "HEALTHY"), run.stdout[-2000:]


def test_a_workload_that_another_controller_may_run_is_asked_about(tmp_path):
    with drafting(tmp_path, shape="workloads-of-other-controllers") as lab:
        found = lab.draft(operator=True)
    assert [ask for ask in found.decisions if "infisical/deployment/infisical is scaled to 0: on purpose" in ask]


def test_what_is_between_argocd_and_authentik_is_described_or_asked_about(tmp_path):
    with drafting(tmp_path, shape="argocd-by-a-dex-elsewhere") as lab:
        both, token, cluster = (lab.draft(**given) for given in (BOTH, TOKEN_ALONE, CLUSTER_ALONE))
    (argocd,) = (app for app in parsed(both).oidc if app.name == "argocd")
    callback = "https://dex.frank.derio.net/api/dex/callback"
    assert argocd.url == "https://argocd.frank.derio.net"
    assert [uri.url for uri in argocd.redirect_uris] == [callback]
    assert not argocd.secret
    (unknown,) = (app for app in parsed(token).oidc if app.name == "argocd")
    assert not unknown.configured
    assert "argocd" not in {app.name for app in parsed(cluster).oidc}
    assert [ask for ask in cluster.decisions if "trusts https://dex.frank.derio.net/api/dex" in ask and callback in ask]


@pytest.mark.parametrize("given", [TOKEN_ALONE, CLUSTER_ALONE, BOTH], ids=["token", "cluster", "both"])
def test_a_path_of_authentiks_is_part_of_all_its_addresses(tmp_path, given):
    with drafting(tmp_path, shape="authentik-below-a-path") as lab:
        found, own = parsed(lab.draft(**given)).authentik, lab.estate.authentik
    assert (found.url, found.public_url) == (own.url, own.public_url)


@pytest.mark.parametrize("given", [CLUSTER_ALONE, BOTH], ids=["cluster", "both"])
def test_an_authentik_that_was_not_seen_in_the_cluster_is_asked_about(tmp_path, given):
    with drafting(tmp_path, shape="authentik-elsewhere") as lab:
        found, own = lab.draft(**given), lab.estate
    estate = parsed(found)
    assert not estate.authentik.in_cluster
    assert estate.authentik.public_url == own.authentik.public_url
    assert [ask for ask in found.decisions if ask.startswith("authentik: in_cluster:")]


def test_what_flux_deploys_is_drafted_and_its_absence_has_drifted(tmp_path):
    with drafting(tmp_path, shape="deployed-by-flux") as lab:
        found = lab.draft(operator=True)
        objects = lab.lab.world.cluster
        objects.delete("helmreleases", "grafana", "grafana")
        drift = lab.drift()
        objects.delete("kustomizations", "flux-system", "apps")
        nothing = lab.draft(operator=True)
    named = [str(ref) for ref in parsed(found).gitops]
    assert named == ["flux-system/kustomization/apps", "grafana/helmrelease/grafana"]
    assert [each.place for each in drift.differences] == ["gitops grafana/helmrelease/grafana"]
    assert not found.remarks
    assert [ask for ask in nothing.decisions if "gitops = []" in ask]
    assert not [ask for ask in found.decisions if "gitops" in ask]


def test_whom_policies_keep_the_probe_user_out_of_is_drafted_and_asked_about(tmp_path):
    with drafting(tmp_path, shape="policies-of-many-kinds") as lab:
        found, own = lab.draft(operator=True), lab.estate
    user = parsed(found).probe_user
    assert set(user.applications) == set(own.probe_user.applications)
    assert [ask for ask in found.decisions if "keep conformance-probe out of argocd, hubble" in ask]


def test_the_outpost_of_a_single_gate_is_named(tmp_path):
    with drafting(tmp_path, shape="second-outpost") as lab:
        found, own = parsed(lab.draft()), lab.estate
    assert {app.name: app.outpost for app in found.forward_auth} == {app.name: app.outpost for app in own.forward_auth}


def led_on_by_the_outpost(world):
    """Hubble's outpost leads its requests on by itself: the route leads to the outpost, and no Middleware asks it."""
    provider = seeded.gate(world, "hubble")
    provider.mode, provider.internal_host = "proxy", "http://hubble-ui.kube-system.svc.cluster.local"
    route = world.cluster.get("ingressroutes", "kube-system", "hubble")
    (rule,) = route["spec"]["routes"]
    rule["middlewares"] = rule["middlewares"][:-1]
    rule["services"] = [{"name": "authentik-server", "namespace": "authentik", "port": 80}]


def test_an_outpost_that_leads_requests_on_is_no_way_to_authentik_and_no_gap(tmp_path):
    with drafting(tmp_path) as lab:
        usual, file = lab.draft(), lab.estate
        led_on_by_the_outpost(lab.lab.world)
        found, drift = lab.draft(), lab.drift()
    hubble, before = (next(app for app in parsed(each).forward_auth if app.name == "hubble") for each in (found, usual))
    assert hubble.mode == "proxy"
    assert (hubble.route, hubble.backend, hubble.workload) == (before.route, before.backend, before.workload)
    assert found.decisions == usual.decisions
    assert parsed(found).authentik == parsed(usual).authentik
    assert file.gated_application("hubble").mode == "single"
    assert [each.place for each in drift.differences] == ["forward_auth hubble: mode"]


def test_a_route_that_leads_past_such_an_outpost_is_asked_about(tmp_path):
    with drafting(tmp_path) as lab:
        route = lab.lab.world.cluster.get("ingressroutes", "kube-system", "hubble")
        services = route["spec"]["routes"][0]["services"]
        led_on_by_the_outpost(lab.lab.world)
        seeded.gate(lab.lab.world, "hubble").internal_host = "http://10.1.2.3"
        route["spec"]["routes"][0]["services"] = services
        asked = lab.draft().decisions
    way = "kube-system/ingressroute/hubble leads past the outpost, to kube-system/hubble-ui"
    assert [ask for ask in asked if way in ask]
    assert [ask for ask in asked if "backend: http://10.1.2.3 is no Service that was seen" in ask]


def test_nothing_secret_is_fetched_or_written(tmp_path):
    with drafting(tmp_path) as lab:
        text = as_toml(lab.draft())
        asked = [(request.method, request.target) for request in lab.lab.audit]
        secrets = [value for name, value in lab.lab.environment.items() if value]
    assert asked
    assert {method for method, _ in asked} == {"GET"}
    assert not [path for _, path in asked if "/secrets" in path]
    assert not [value for value in secrets if value in text]
