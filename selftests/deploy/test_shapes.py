"""For every shape of the lab an installation is made of its estate file alone, applied, and run with exactly the rights
that it brings: nothing that is needed is refused, and nothing is granted that nobody asks for."""

import copy
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.applications.manners import MANNERS
from lab.lab import Lab
from lab.shapes import load
from selftests.support.installing import Site, install
from selftests.support.lab_process import tool
from selftests.support.manifests import ROOT, made, place_of, rendered_text
from selftests.support.rights import ACCOUNT, AS_OBJECTS_NAME_THEM, Right, of_the_cluster, rights, used_by
from selftests.support.suite_runs import SuiteRun, run_suite

SHAPES = sorted(load())
IMAGE = "registry.example/sso-conformance:0.1.0"
# There the users of the suite do not get in, and an installation requires what it was given: red, as nobody reads what
# a Job could not verify.
KEEPS_USERS_OUT = "captcha-before-the-login"
# Of the runbook's cluster, and of whoever runs it; the lab's estates have its host names.
FRANKS = ("frank", "derio-net", "infisical", "telegram", "sympozium")


@pytest.fixture(scope="module", params=SHAPES)
def site(request, tmp_path_factory) -> Iterator[Site]:
    """A running lab of some shape that knows nothing of the suite's rights but what the overlay will bring."""
    folder = tmp_path_factory.mktemp(request.param)
    with Lab(shape=request.param) as lab:
        estate = lab.write_state(folder / "laptop")
        overlay = made(folder / "overlay", "--estate", str(estate), "--image", IMAGE)
        site = Site(lab, folder / "pod", overlay)
        install(lab, [], blueprint=False)
        site.describe(lambda text: text)
        yield site


def apply(site: Site, *arguments: str, stdin: str = "") -> None:
    """`kubectl apply`, as the lab's administrator."""
    command = [tool("kubectl"), "--kubeconfig", str(site.kubeconfig), "apply", "--server-side", *arguments]
    applied = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60, check=False)
    assert applied.returncode == 0, applied.stderr


def folders(site: Site) -> tuple[Path, Path]:
    """The folders of an overlay that are applied."""
    return site.overlay, site.overlay / "argocd"


def job(site: Site) -> str:
    """The hook's Job, which ArgoCD applies."""
    return json.dumps(next(obj for obj in site.objects if obj["kind"] == "Job"))


@pytest.fixture(scope="module")
def everything(site: Site) -> str:
    """All that is applied of an overlay, rendered, in one text."""
    return "---\n".join([*map(rendered_text, folders(site)), job(site)])


@pytest.fixture(scope="module")
def tried(site: Site, everything: str) -> Site:
    """The site with all of its overlay applied as a dry run, of which nothing stays."""
    account = str(site.overlay / "hook" / "account.yaml")
    # A real API server tries nothing in a namespace that is not there.
    apply(site, "-f", account)
    before = copy.deepcopy(site.cluster.objects)
    apply(site, "--dry-run=server", "-f", "-", stdin=everything)
    assert site.cluster.objects == before
    return site


@pytest.fixture(scope="module")
def installed(tried: Site, everything: str) -> Site:
    """The site with all of its overlay applied: from here on the rights are those that the overlay brings."""
    apply(tried, "-f", "-", stdin=everything)
    return tried


def judged(site: Site, *arguments: str) -> SuiteRun:
    run = run_suite(*site.options, *arguments)
    assert run.report, run.stdout[-2000:] + run.stderr[-2000:]
    return run


def test_it_is_accepted_as_dry_run_and_for_real(installed, everything):
    site = installed
    # And what is applied twice is accepted twice.
    apply(site, "-f", "-", stdin=everything)
    for obj in site.objects:
        assert site.cluster.get(*place_of(obj))["metadata"]["name"] == obj["metadata"]["name"]


def test_exactly_the_rights_that_are_needed(installed):
    site, cluster = installed, installed.cluster
    cluster.audit.clear()
    run = judged(site, "-k", of_the_cluster())
    if site.lab.shape.name == KEEPS_USERS_OUT:
        assert "required by the estate file" in run.verdict_line
    else:
        assert run.exit_code == 0, run.verdict_line
    assert len(run.named("passed")) > 30
    assert not [case for case in run.report["cases"] if case["need"] == "cluster"]
    asked = [entry for entry in cluster.audit if entry.user == ACCOUNT and entry.resource]
    assert not [entry for entry in asked if entry.status in (401, 403)]
    granted = rights(site.objects)
    assert len(granted) > 12
    used = {right for entry in asked for right in used_by(entry, granted)}
    # Applications' logs are asked for where a login fails.
    failing = {Right("get", "pods/log", name, "") for name in MANNERS}
    assert granted - used - failing <= AS_OBJECTS_NAME_THEM


def test_the_nights_drift_needs_no_further_right_and_there_is_none(installed):
    run = judged(installed, "--drift", "-k", "SMOKE-CLUSTER-01")
    drift = run.report["drift"]
    assert drift["differences"] == []
    assert not [each for each in drift["not_compared"] if "the estate file has no" not in each]


def test_nothing_of_frank_is_in_it(site):
    texts = {path: path.read_text(encoding="utf-8") for path in site.overlay.rglob("*") if path.is_file()}
    assert len(texts) > 15
    of_the_estate = {site.overlay / "hook" / name for name in ("estate.yaml", "rights.yaml")}
    for path, text in texts.items():
        assert path in of_the_estate or not [word for word in FRANKS if word in text], path
        assert str(ROOT) not in text, path
