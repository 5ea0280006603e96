"""The public https hosts: certificates, and what plain http does (runbook H1, H4)."""

from datetime import UTC, datetime

from fixtures.doors.tls import Presented
from fixtures.engine.checks import because, check
from fixtures.engine.subjects import HttpsHost
from fixtures.estate.estate import Estate
from fixtures.estate.places import proxy_log, routes_of
from fixtures.estate.urls import host, origin_of
from fixtures.exchange.answers import Answer
from fixtures.exchange.certificates import named_hosts
from fixtures.model.kinds import plain_http as plain_http_kind
from fixtures.model.remedy import Remedy, read
from fixtures.topics.certificates.rules import days_left, is_proxy_default


@check(
    "SMOKE-TLS-01",
    trouble="A certificate is wrong, or expires soon",
    claim="each public https host presents a certificate that verifies, names the host, is not the proxy's default, "
    "and lives on (warned below 21 days, failed below 3, unless the estate sets other bounds)",
    runbook="H1 H4",
    blind="that clients with other trust stores accept it, or that every replica of the proxy presents the same",
)
def test_certificate(presented_certificate: Presented, https_host: HttpsHost, estate: Estate) -> None:
    """Browsers refuse a wrong certificate without a way round where HSTS was ever sent (incident of 2026-06-20)."""
    shown, host = presented_certificate.certificate, https_host.host
    bounds = estate.bounds
    remedy = Remedy(
        "renew the certificate: whatever issues it says why it did not",
        *proxy_log(estate, host),
        read("curl -svo /dev/null {}", f"https://{host}:{https_host.port}"),
    )
    assert not is_proxy_default(shown), because(
        f"{host} presents Traefik's default certificate: Traefik has none for this host",
        remedy=remedy,
        kind=presented_certificate.kind,
    )
    assert not presented_certificate.problem, because(
        f"the certificate of {host} does not verify: {presented_certificate.problem}; "
        f"it is for {', '.join(named_hosts(shown)) or 'no host'} until {shown.not_valid_after_utc:%Y-%m-%d}",
        remedy=Remedy(f"{remedy.sentence}; for a private CA: [network] ca_file in the estate file", *remedy.steps),
        kind=presented_certificate.kind,
    )
    left = days_left(shown, datetime.now(UTC))
    # Told by its names, because several hosts may present it: that is one trouble.
    ends, names = f"{shown.not_valid_after_utc:%Y-%m-%d %H:%M} UTC", ", ".join(named_hosts(shown))
    ending = f"the certificate for {names} ends in {left:.1f} days ({ends})"
    assert left >= bounds.certificate_fail_days, because(
        f"{ending}: below {bounds.certificate_fail_days:g}", remedy=remedy
    )
    assert left >= bounds.certificate_warn_days, because(
        f"{ending}: below {bounds.certificate_warn_days:g}, so renewal does not work", remedy=remedy, severity="warning"
    )


@check(
    "SMOKE-TLS-02",
    trouble="Plain http does not lead to https",
    claim="plain http on each public https host redirects to https of the same host, or is closed",
    runbook="H4",
    blind="that the first plain request leaks nothing: only HSTS in the browser prevents that",
)
def test_plain_http(plain_http: Answer | None, https_host: HttpsHost, estate: Estate) -> None:
    """A login over plain http hands the session cookie to the network."""
    if plain_http is None:
        return
    wanted = f"https://{https_host.host}"
    target = plain_http.location
    redirects = plain_http.status in (301, 302, 307, 308) and (target + "/").startswith((f"{wanted}/", f"{wanted}:"))
    # Who stands between the suite and the proxy (a captive portal, RFC 8952) sends all hosts to itself.
    elsewhere = "" if host(target) in ("", https_host.host) else origin_of(target)
    between = "look from another network whether something on the way answers, as a captive portal does; if not, "
    assert redirects, because(
        f"http://{https_host.host}/ answers {plain_http.summary} instead of a redirect to {wanted}",
        remedy=Remedy(
            f"{between if elsewhere else ''}redirect plain http at the proxy (Traefik's arguments: "
            "--entrypoints.web.http.redirections.entrypoint.to=websecure)",
            read("curl -sSi {}", f"http://{https_host.host}/"),
            routes_of(estate, wanted),
        ),
        kind=plain_http_kind(elsewhere),
    )
