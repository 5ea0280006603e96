"""Applications that log in by a further host of Authentik's: nothing is left there, and credentials go nowhere else."""

import re
import tomllib

import pytest

from fixtures.draft.writing import as_toml
from fixtures.engine.checks import take_reason
from fixtures.estate.loading import parse_estate
from fixtures.model.signals import NotVerified
from fixtures.topics.discovery.rules import is_told_inside
from fixtures.topics.logins.questions import LoginStart
from lab import names, seeded
from lab.faults.login_flow import PROBE
from lab.lab import Lab
from lab.shapes.hosts import INSIDE, SECOND_HOST
from selftests.support.answers import answer, json_answer
from selftests.support.drafts import drafting
from selftests.support.lab_state import still_open
from selftests.support.logins import SEED, failed_logins
from selftests.support.small_estate import AUTHENTIK, GRAFANA, estate_of
from selftests.support.suite_runs import run_suite
from tests_oidc import test_relying_party as checks

ELSEWHERE = f"https://{SECOND_HOST}"
PUBLIC = AUTHENTIK["public_url"]
BOTH = AUTHENTIK | {"further_urls": [ELSEWHERE]}


@pytest.fixture
def own_lab(tmp_path):
    """A lab whose ArgoCD and Grafana log in by the second host; and its estate file."""
    with Lab(shape="second-domain") as lab:
        yield lab, lab.write_state(tmp_path)


def run(own_lab, *arguments):
    lab, estate = own_lab
    given = {**lab.environment, "SSO_PROBE_TOTP_SEED": SEED}
    return run_suite("--estate", str(estate), *arguments, environment=given)


def test_everything_of_a_login_is_ended_at_each_host(own_lab):
    lab, _ = own_lab
    judged = run(own_lab)
    assert (judged.exit_code, judged.red) == (0, set()), judged.stdout[-3000:]
    assert judged.report["ledger"]["left_behind"] == []
    assert not list(still_open(lab.world))
    asked = {entry.host for entry in lab.audit if "/flows/executor/" in entry.target and entry.method == "POST"}
    assert asked == {names.AUTH_HOST, SECOND_HOST}


def test_a_login_that_is_lent_is_ended_at_each_host(own_lab):
    """Whose codes are good for one login is lent one session, and gets another at the other host."""
    lab, estate = own_lab
    estate.write_text(f'{estate.read_text()}\n[probe_user.totp_seed]\nenv = "SSO_PROBE_TOTP_SEED"\n')
    seeded.user(lab.world, PROBE).totp_seed = SEED
    judged = run(own_lab, "-k", "OIDC-LOGIN-01")
    assert "OIDC-LOGIN-01[grafana]" in judged.named("passed"), judged.stdout[-3000:]
    assert judged.report["ledger"]["left_behind"] == []
    assert not list(still_open(lab.world))
    assert not failed_logins(lab)


def test_a_host_that_is_not_said_to_be_authentiks_is_shown_nothing(own_lab):
    """It may be misspelt, and a stranger's: the probe user's password was handed in there."""
    lab, estate = own_lab
    estate.write_text(re.sub(r"^further_urls = \[.*?\]$", "", estate.read_text(), flags=re.MULTILINE | re.DOTALL))
    judged = run(own_lab, "-k", "grafana and (OIDC-DISC or OIDC-TOKEN or OIDC-LOGIN or SMOKE-LOGIN)")
    assert "OIDC-DISC-02[grafana]" in judged.red, judged.stdout[-3000:]
    assert f'[authentik] further_urls = ["{ELSEWHERE}"]' in judged.stdout
    assert SECOND_HOST not in {entry.host for entry in lab.audit}


@pytest.mark.parametrize(("faults", "shown"), [((), True), (("gate-keeps-the-old-host",), False)])
def test_a_gate_that_leads_to_another_authentik_is_shown_no_app_password(tmp_path, faults, shown):
    """Its host may be misspelt, and somebody else's, who has such a gate as well."""
    with Lab(faults=faults) as lab:
        estate = lab.write_state(tmp_path)
        judged = run_suite("--estate", str(estate), "-k", "FWD-PASS-02", environment=lab.environment)
        authorized = [entry for entry in lab.audit if (entry.header("authorization") or "").startswith("Basic ")]
    assert bool(authorized) is shown
    assert bool(judged.named("passed")) is shown
    assert bool(judged.named("blocked")) is not shown


@pytest.mark.parametrize(
    ("issuer", "reached"),
    [
        (f"{ELSEWHERE}/application/o/grafana/", ELSEWHERE),
        (f"{ELSEWHERE.upper().replace('HTTPS', 'https')}:443/", ELSEWHERE),
        (f"{ELSEWHERE}:8443/", PUBLIC),
        (f"{ELSEWHERE.replace('https', 'http')}/application/o/grafana/", PUBLIC),
        (f"{ELSEWHERE}.example.com/application/o/grafana/", PUBLIC),
        (f"{PUBLIC}/application/o/grafana/", PUBLIC),
        (f"{PUBLIC.replace('https', 'http')}/application/o/grafana/", PUBLIC),
        (f"{INSIDE}/application/o/grafana/", PUBLIC),
        ("http://authentik-server.authentik.svc.cluster.local:80/application/o/grafana/", PUBLIC),
        ("http://server:9000/application/o/grafana/", PUBLIC),
        ("http://10.43.7.9/application/o/grafana/", PUBLIC),
        ("http://[fd00::9]/application/o/grafana/", PUBLIC),
    ],
)
def test_where_an_application_logs_in_is_told_by_its_issuer(issuer, reached):
    estate = estate_of(authentik=BOTH, oidc=[GRAFANA | {"issuer": issuer}])
    (app,) = estate.oidc
    assert estate.authentik_of(app) == reached
    assert estate.address_of(app).url == reached
    assert set(estate.authentik_urls) == {PUBLIC, reached}


def test_a_path_that_authentik_is_below_is_that_of_each_host():
    below = {name: f"{url}/auth" for name, url in AUTHENTIK.items()} | {"further_urls": [f"{ELSEWHERE}/auth"]}
    issuer = f"{ELSEWHERE}/auth/application/o/grafana/"
    estate = estate_of(authentik=below, oidc=[GRAFANA | {"issuer": issuer}])
    assert estate.authentik_of(estate.oidc[0]) == f"{ELSEWHERE}/auth"


def test_each_host_is_an_address_of_authentiks():
    estate = estate_of(authentik=BOTH, oidc=[GRAFANA | {"issuer": f"{ELSEWHERE}/application/o/grafana/"}])
    assert [address.name for address in estate.addresses] == ["direct", "public", SECOND_HOST]
    assert SECOND_HOST in {public.host for public in estate.public_hosts}
    # One that is named already is not named twice.
    direct = estate_of(
        authentik=BOTH | {"url": ELSEWHERE}, oidc=[GRAFANA | {"issuer": f"{ELSEWHERE}/application/o/grafana/"}]
    )
    assert [address.name for address in direct.addresses] == ["direct", "public"]


STATED = f"{PUBLIC}/application/o/grafana/"


@pytest.mark.parametrize(
    ("expected", "stated", "inside"),
    [
        (f"{INSIDE}/application/o/grafana/", STATED, True),
        ("http://authentik:9000/application/o/grafana/", STATED, True),
        # The path is the same at each host, and what is stated is the host that was asked.
        (f"{INSIDE}/application/o/grafana", STATED, False),
        (f"{INSIDE}/", STATED, False),
        (f"{INSIDE}/application/o/grafana/", f"{ELSEWHERE}/application/o/grafana/", False),
        (f"{ELSEWHERE}/application/o/grafana/", STATED, False),
        (STATED, STATED, False),
    ],
)
def test_an_issuer_that_only_neighbours_are_told(expected, stated, inside):
    assert is_told_inside(expected, stated, PUBLIC) is inside


def test_who_knows_authentik_by_an_address_alone_is_judged_at_it():
    """An estate without names: what is inside elsewhere is its public address here."""
    assert not is_told_inside("http://192.168.1.5/", "http://192.168.1.6/", "http://192.168.1.5")


def at_second_host(path):
    app = estate_of(authentik=BOTH, oidc=[GRAFANA | {"issuer": f"{ELSEWHERE}/application/o/grafana/"}])
    address = f"{ELSEWHERE}{path}"
    return answer(302, url=ELSEWHERE, location=address), app.oidc[0], app


def test_a_host_may_have_a_login_flow_of_its_own():
    """Brands are told apart by the host, and each has its flows (docs.goauthentik.io, Brands)."""
    checks.test_login_start_is_accepted(*at_second_host("/if/flow/default-authentication-flow/?next=%2F"))
    with pytest.raises(NotVerified, match="tenant-login"):
        checks.test_login_start_is_accepted(*at_second_host("/if/flow/tenant-login/?next=%2F"))


@pytest.mark.parametrize(
    ("issuer", "location", "said"),
    [
        (
            "",
            f"{ELSEWHERE}/application/o/authorize/?client_id=grafana",
            f"issuer = '{ELSEWHERE}/application/o/grafana/'",
        ),
        ("", f"{ELSEWHERE}/oauth2/authorize?client_id=grafana", ""),
        ("", f"{PUBLIC}/application/o/authorize/?client_id=another", ""),
        (f"{ELSEWHERE}/application/o/grafana/", f"{PUBLIC}/application/o/authorize/", f"issuer = '{STATED}'"),
    ],
)
def test_who_asks_at_another_host_may_be_meant_to(issuer, location, said):
    estate = estate_of(authentik=BOTH if issuer else AUTHENTIK, oidc=[GRAFANA | ({"issuer": issuer} if issuer else {})])
    start = LoginStart(answer(302, url=GRAFANA["url"], location=location), uri_is_declared=True)
    with pytest.raises(AssertionError):
        checks.test_login_start(start, estate.oidc[0], estate)
    remedy = take_reason().remedy
    assert said in remedy
    assert ("say so" in remedy) is bool(said)
    assert ("further_urls" in remedy) is bool(said and not issuer)


@pytest.mark.parametrize("issuer", ["https://[::1", "https://[x]", "https://a:b", "https://a:99999", "http"])
def test_an_issuer_that_is_no_address_is_another_one(issuer):
    estate = estate_of(oidc=[GRAFANA])
    settings = json_answer({"oidcConfig": {"issuer": f"{issuer}/application/o/grafana/"}})
    with pytest.raises(AssertionError):
        checks.test_trusted_issuer(settings, estate.oidc[0], estate)
    assert "say so" not in take_reason().remedy


@pytest.mark.parametrize("given", [{"token": False}, {}], ids=["cluster", "both"])
def test_a_second_host_of_authentiks_is_drafted_and_asked_about(tmp_path, given):
    with drafting(tmp_path, shape="second-domain") as lab:
        found, own = lab.draft(**given), lab.estate
    # Grafana keeps its own in its ini, where nobody looks for it.
    (argocd,), (wanted,) = (
        [app for app in each.oidc if app.name == "argocd"]
        for each in (parse_estate(tomllib.loads(as_toml(found)), "draft"), own)
    )
    assert argocd.issuer == wanted.issuer
    assert [ask for ask in found.decisions if "issuer:" in ask and f"names {SECOND_HOST}" in ask]
