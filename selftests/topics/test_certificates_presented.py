"""Hosts that present certificates which are not theirs: a trouble for each certificate, not for each host."""

import pytest

from lab import names
from lab.lab import Lab
from lab.tls import HostCertificate
from selftests.support.suite_runs import run_suite

HUBBLE, LONGHORN, GRAFANA = map(names.public_host, ("hubble", "longhorn", "grafana"))
PORTAL = HostCertificate("wrong-name", other="portal.hotel.example")
ASKED = "SMOKE-TLS-01 or SMOKE-UP-01 or FWD-GATE-01 or OIDC-RP-01"


def roots_where(tmp_path, presented):
    """What is red where these hosts present these certificates: each root's cause, and what it is the reason of."""
    with Lab() as lab:
        lab.world.edge.certificates |= presented
        estate = lab.write_state(tmp_path)
        run = run_suite("--estate", str(estate), "-k", ASKED, environment=lab.environment)
    assert run.exit_code == 1, run.stdout[-3000:]
    return {root["cause"]: root for root in run.report["roots"]}


def test_two_certificates_of_other_hosts_are_two_roots(tmp_path):
    copied = HostCertificate("wrong-name", other="copied.example.org")
    roots = roots_where(tmp_path, {HUBBLE: copied, LONGHORN: HostCertificate("wrong-name")})
    assert len(roots) == 2, roots
    for host, other in ((HUBBLE, copied.other), (LONGHORN, HostCertificate().other)):
        (told,) = (cause for cause in roots if f"the certificate of {host} does not verify" in cause)
        assert other in told
        assert any(name.endswith(f"[{host.partition('.')[0]}]") for name in roots[told]["blocks"]), roots[told]


@pytest.mark.parametrize("certificate", [PORTAL, HostCertificate("default")], ids=["portal", "default"])
def test_one_certificate_of_all_hosts_is_one_root(tmp_path, certificate):
    hosts = (names.AUTH_HOST, HUBBLE, LONGHORN, GRAFANA)
    (root,) = roots_where(tmp_path, dict.fromkeys(hosts, certificate)).values()
    assert root["id"] == "SMOKE-TLS-01"
    assert len(root["cases"]) == len(hosts)
