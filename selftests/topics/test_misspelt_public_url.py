"""An estate file whose `[authentik] public_url` is misspelt: one root, which names the file, and no word is shown to
whoever answers there; what is right in Authentik is not to be changed after what is wrong in the file."""

import re

import pytest

from lab import names
from lab.arrangements import put_route
from lab.cluster.seed.routes import host_rule
from lab.lab import Lab
from selftests.support.suite_runs import run_suite

MISSPELT = {
    "https://auht.frank.derio.net": ("SMOKE-UP-01", "correct https://auht.frank.derio.net in the estate file"),
    "https://charts.frank.derio.net": ("SMOKE-UP-01", "correct https://charts.frank.derio.net in the estate file"),
    f"http://{names.AUTH_HOST}": ("SMOKE-UP-01", "correct public_url in [authentik] of the estate file"),
    f"https://{names.AUTH_HOST}:8443": ("SMOKE-TLS-01", "the estate file has the right host and port"),
}


@pytest.mark.parametrize("public_url", MISSPELT)
def test_an_address_that_is_not_authentiks_is_the_only_root(public_url, tmp_path):
    root, way_out = MISSPELT[public_url]
    with Lab() as lab:
        put_route(lab.world, "charts", "grafana", host_rule(f"charts.{names.DOMAIN}"), {"name": "grafana", "port": 80})
        estate = lab.write_state(tmp_path)
        text, times = re.subn(
            r"^public_url = .*$", f'public_url = "{public_url}"', estate.read_text(), flags=re.MULTILINE
        )
        assert times == 1
        estate.write_text(text)
        judged = run_suite("--estate", str(estate), environment=lab.environment)
        shown = {entry.host for entry in lab.audit if entry.header("authorization") or entry.method == "POST"}
    assert [each["id"] for each in judged.report["roots"]] == [root], judged.stdout[-3000:]
    assert not judged.report["warnings"]
    assert way_out in judged.report["roots"][0]["fix"]
    assert "set authentik_host" not in judged.stdout
    # The API at the direct address, and Kubernetes, neither of which the address is of.
    assert {host for host in shown if host.endswith(names.DOMAIN) or host.startswith("auht")} == set()
