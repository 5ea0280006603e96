"""Results of runs that never were: what the reports' tests and benchmarks render."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fixtures.model.kinds import Kind
from fixtures.model.outcomes import CaseResult, Exchange, KnownFailure, Outcome, Root
from fixtures.model.verdict import Effort, RunResult, decide, root_causes, warnings

STARTED = datetime(2026, 11, 24, 3, 15, 7, 250_000, tzinfo=UTC)
LEDGER = {
    ("http", "GET", "auth.frank.derio.net"): 122,
    ("http", "POST", "auth.frank.derio.net"): 5,
    ("http", "GET", "longhorn.frank.derio.net"): 31,
    ("kubernetes", "GET", "127.0.0.1"): 34,
    ("tls", "HANDSHAKE", "auth.frank.derio.net"): 2,
}
_SMOKE = {
    "SMOKE-UP-01": ("Authentik answers at each of its addresses", "H1", ("direct", "public")),
    "SMOKE-TLS-01": ("the certificate verifies, names the host and lives on", "H1 H4", ("auth", "longhorn", "hubble")),
    "SMOKE-PODS-01": ("every declared workload has all replicas updated and ready", "S1", ("server", "worker")),
    "SMOKE-API-01": ("the API accepts the token", "S3", ("",)),
    "SMOKE-TIME-01": ("Authentik's clock and ours differ by less than 5 s", "H3", ("",)),
    "SMOKE-BP-01": ("no blueprint is in error, orphaned or unknown", "H2", ("",)),
    "SMOKE-ESO-01": ("each declared ExternalSecret is Ready and was refreshed in time", "R4 R5", ("grafana-oidc",)),
}
_OIDC = {
    "OIDC-PROV-01": ("the provider has an authorization and an invalidation flow", "D4 H2"),
    "OIDC-PROV-04": ("it holds exactly the declared redirect URIs, byte for byte", "D2 H2"),
    "OIDC-DISC-01": ("discovery answers 200, JSON, no redirect", "D11 H2"),
    "OIDC-DISC-02": ("the issuer is byte for byte the one the application is configured with", "D11 H2"),
    "OIDC-JWKS-01": ("the key set answers and is not empty", "D11"),
    "OIDC-AUTHZ-01": ("`prompt=none` without a session returns login_required", "D2"),
    "OIDC-TOKEN-02": ("a wrong secret is invalid_client", "D12"),
    "OIDC-SECRET-01": ("the Secret exists and has the key that the application reads", "R6 D10"),
    "OIDC-RP-01": ("the application's login start sends the browser to Authentik", "H3 D1"),
    "OIDC-LOGIN-01": ("the probe user logs in and the application confirms the session", "H3"),
}
_FWD = {
    "FWD-GATE-01": ("an anonymous request is answered with a redirect to Authentik", "H4 D7"),
    "FWD-GATE-02": ("that redirect's scheme, host and port are Authentik's public origin", "D5 D7 H4"),
    "FWD-PASS-01": ("after a login by the probe user the application answers", "H4"),
    "FWD-SPOOF-01": ("the middleware overwrites the identity headers", "H4"),
    "FWD-OUT-02": ("each application's provider is assigned to an outpost", "H4"),
    "FWD-ROUTE-01": ("every route to the protected host carries the forward-auth middleware", "H4"),
}
REDIRECT = Exchange(
    "http", "GET", "https://longhorn.frank.derio.net/", 302, None, 0.0127,
    (("host", "longhorn.frank.derio.net"), ("user-agent", "sso-conformance/0.1 (run 7f3a)")),
    (("location", "http://0.0.0.0:9000/application/o/authorize/?client_id=abc&state=***"), ("server", "Traefik")),
    '<html><body><a href="http://0.0.0.0:9000/">Found</a></body></html>', "anonymous_request",
)  # fmt: skip


def case(
    check_id: str, name: str, claim: str, runbook: str, outcome: Outcome = Outcome.PASSED, **changes: object
) -> CaseResult:
    """One case, passed unless said otherwise."""
    suites = {"SMOKE": "tests_smoke", "OIDC": "tests_oidc", "FWD": "tests_forwardauth"}
    suite = suites[check_id.split("-", maxsplit=1)[0]]
    function = check_id.lower().replace("-", "_")
    plain = CaseResult(
        check_id, name, f"{suite}/test_sample.py::test_{function}[{name}]", suite, outcome, claim,
        tuple(runbook.split()), "", "error", "", "", (), 0.0042,
    )  # fmt: skip
    return replace(plain, **changes)


def cases(applications: int = 3) -> list[CaseResult]:
    """Every case passed; `applications` of each kind beyond the runbook's are numbered."""
    extra = range(max(0, applications - 3))
    oidc = ["argocd", "grafana", "infisical", *(f"oidc-{number:04}" for number in extra)]
    gated = ["longhorn", "hubble", "sympozium", *(f"gated-{number:04}" for number in extra)]
    found = [case(i, name, claim, book) for i, (claim, book, names) in _SMOKE.items() for name in names]
    found += [case(i, app, claim, book) for i, (claim, book) in _OIDC.items() for app in oidc[:applications]]
    found += [case(i, app, claim, book) for i, (claim, book) in _FWD.items() for app in gated[:applications]]
    return found


def result(found: Sequence[CaseResult], *, seconds: float = 4.1, interrupted: str = "") -> RunResult:
    """The run that came to `found`."""
    verdict, reason = decide(found, (), interrupted=interrupted)
    claims = {one.check_id: one.claim for one in found}
    effort = Effort(0, 0.4, ("alive", "discovery"))
    return RunResult(
        verdict, reason, "frank", "inside", "7f3a9c", "0.1.0", STARTED, STARTED + timedelta(seconds=seconds),
        tuple(found), root_causes(found, claims), warnings(found), LEDGER, {}, len(found), 0, effort,
    )  # fmt: skip


def healthy() -> RunResult:
    """Everything passed."""
    return result(cases())


def three_roots() -> RunResult:
    """A broken gate, a redirect URI with a slash too many, a secret under the wrong key, and what they block."""
    found = [_broken(one) for one in cases()]
    return result(found, seconds=6.34)


def warned() -> RunResult:
    """Works, with two warnings, a known failure and a part that could not be verified."""
    return result([_strained(one) for one in cases()])


def interrupted() -> RunResult:
    """Stopped half-way."""
    found = cases()
    half = len(found) // 2
    stopped = [replace(one, outcome=Outcome.NOT_RUN, duration=0.0) for one in found[half:]]
    return result(found[:half] + stopped, interrupted="SIGTERM after 3 s")


def many(total: int = 5000, *, red: bool = False) -> RunResult:
    """`total` cases, or a few more; all of them failed with evidence if `red`, a few otherwise."""
    found = cases(applications=-(-total // (len(_OIDC) + len(_FWD))))
    return result([_red(one, number) if red or number % 97 == 0 else one for number, one in enumerate(found)])


def _red(one: CaseResult, number: int) -> CaseResult:
    cause = f"the answer {number} was not what {one.case or 'the estate'} declares"
    remedy = f"kubectl -n authentik logs deploy/authentik-server --tail=200 | grep {one.case or 'error'}"
    evidence = (replace(REDIRECT, url=f"https://{one.case or 'auth'}.frank.derio.net/{number}"),)
    root = Root(one.check_id, one.case, None, cause, remedy, evidence)
    failed = replace(one, outcome=Outcome.FAILED, cause=cause, remedy=remedy, evidence=evidence, root=root)
    return replace(failed, trouble="The answer is not what is declared")


def _failed(
    one: CaseResult, kind: Kind | None, cause: str, remedy: str, evidence: tuple[Exchange, ...] = ()
) -> CaseResult:
    root = Root(one.check_id, one.case, kind, cause, remedy, evidence)
    failed = replace(one, outcome=Outcome.FAILED, cause=cause, remedy=remedy, evidence=evidence, root=root)
    return replace(failed, trouble=TROUBLES[one.check_id])


def _blocked(one: CaseResult, root: Root) -> CaseResult:
    blocked = replace(one, outcome=Outcome.BLOCKED, cause=f"blocked by {root.check_id}", root=root)
    return replace(blocked, trouble=TROUBLES[root.check_id])


TROUBLES = {
    "FWD-GATE-02": "The gate sends people to the wrong place",
    "OIDC-PROV-04": "The redirect list is not the declared one",
    "OIDC-SECRET-01": "The Secret, or the key in it, is missing",
    "SMOKE-TLS-01": "A certificate is wrong, or expires soon",
    "FWD-SPOOF-01": "The middleware lets forged identity headers through",
}
_GATE = (
    "The gate sends browsers to http://0.0.0.0:9000, not to https://auth.frank.derio.net: authentik_host is empty.",
    "curl -X PATCH https://auth.frank.derio.net/api/v3/outposts/instances/<uuid>/ \\\n  --json @host.json",
)
_SLASH = (
    "Grafana asks for …/login/generic_oauth, the provider holds …/login/generic_oauth/ (a slash too many).",
    "In Authentik, Providers › grafana › Redirect URIs: https://grafana.frank.derio.net/login/generic_oauth",
)
_KEY = (
    "Secret grafana/grafana-oidc has the key client_secret; Grafana reads GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET.",
    "kubectl -n grafana edit externalsecret grafana-oidc   # secretKey: GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET",
)


def _broken(one: CaseResult) -> CaseResult:
    gate = Root("FWD-GATE-02", "longhorn", Kind("outpost host"), *_GATE, (REDIRECT,))
    key = Root("OIDC-SECRET-01", "grafana", None, *_KEY)
    if one.check_id == "FWD-GATE-02":
        return _failed(one, Kind("outpost host"), *_GATE, (REDIRECT,))
    if one.check_id == "FWD-PASS-01":
        return _blocked(one, gate)
    if one.name == "OIDC-PROV-04[grafana]":
        return _failed(one, None, *_SLASH)
    if one.name == "OIDC-SECRET-01[grafana]":
        return _failed(one, None, *_KEY)
    return _blocked(one, key) if one.name == "OIDC-LOGIN-01[grafana]" else one


def _strained(one: CaseResult) -> CaseResult:
    if one.name == "SMOKE-TLS-01[hubble]":
        cause, remedy = (
            "the certificate ends in 17 days (the bound is 21)",
            "kubectl -n kube-system describe certificate hubble",
        )
        warned_of = replace(one, outcome=Outcome.WARNED, severity="warning", cause=cause, remedy=remedy)
        return replace(warned_of, trouble=TROUBLES[one.check_id])
    if one.check_id == "FWD-SPOOF-01":
        cause = "X-authentik-meta-app passes from a client to the application"
        known = KnownFailure("the new middleware comes with Traefik 3.8, ticket 4711", "platform team", "2026-12-31")
        remedy = "add it to authResponseHeaders of the Middleware"
        excused = replace(one, outcome=Outcome.KNOWN, cause=cause, remedy=remedy, known=known)
        return replace(excused, trouble=TROUBLES[one.check_id])
    if one.check_id in ("OIDC-LOGIN-01", "FWD-PASS-01"):
        cause, remedy = (
            "no user was given to log in with",
            'probe_user = { username = "…", password = { env = "SSO_PROBE_PASSWORD" } }',
        )
        return replace(one, outcome=Outcome.NOT_VERIFIED, need="user", cause=cause, remedy=remedy)
    return replace(one, outcome=Outcome.NOT_APPLICABLE, cause="no ESO here") if "ESO" in one.check_id else one


SAMPLES = {
    "healthy": healthy, "three-roots": three_roots, "warned": warned, "interrupted": interrupted,
    "many": many, "many-red": lambda: many(red=True),
}  # fmt: skip
