"""What ArgoCD is given, as far as it can be tried without one.

What a real one does with it was measured with 3.6.0-dev (application controller, repo server, PostSync hooks) and read
in the sources of 3.2.0, 3.3.2, 3.4.13, 3.5.7 and 3.6.1; docs/in-cluster.md has each statement with its version.
"""

import re

import pytest
import yaml

from selftests.support.manifests import (
    DEPLOY,
    HOOK,
    NAMESPACE,
    ROOT,
    folder_of,
    made,
    name_of,
    objects_in,
    one,
    rendered_text,
)

HOOK_FILES, NIGHT_FILES = "application.yaml", "application-night.yaml"
ALL = sorted(path.name for path in (DEPLOY / "argocd").glob("application*.yaml"))
REPOSITORY = ("--repository", "https://git.example/me/cluster.git", "--path", "apps/sso", "--project", "infra")
PREFIX = "argocd.argoproj.io/"


def application(name, folder=None):
    place = (folder or folder_of("frank")) / "argocd" / name
    return yaml.safe_load(place.read_text(encoding="utf-8"))


def ours(loaded):
    """The sources of an Application that are an overlay's."""
    spec = loaded["spec"]
    sources = spec.get("sources") or [spec["source"]]
    return [source for source in sources if source["path"].endswith(("/hook", "/night"))]


def test_there_are_three():
    assert set(ALL) == {HOOK_FILES, NIGHT_FILES, "application-with-authentik.yaml"}


@pytest.mark.parametrize("name", ALL)
def test_no_application_has_both_the_hook_and_the_night(name):
    """A CronJob whose last run was red is Degraded since 3.2, and the sync then fails before the hook."""
    (source,) = ours(application(name))
    assert source["path"].endswith("/night" if name == NIGHT_FILES else "/hook")


def kinds(folder):
    return {obj["kind"] for path in folder.glob("*.yaml") for obj in objects_in(path.read_text("utf-8"))}


@pytest.mark.parametrize("overlay", ["frank", "frank-sharded"])
def test_and_no_folder_has_both(overlay):
    folder = folder_of(overlay)
    night = objects_in(rendered_text(folder / "night"))
    assert "CronJob" in {obj["kind"] for obj in night}
    assert not [obj for obj in night if PREFIX + "hook" in obj["metadata"].get("annotations", {})]
    assert "Job" in kinds(folder / "hook")
    assert not kinds(folder / "hook") & {"CronJob", "PersistentVolumeClaim", "Deployment"}


@pytest.mark.parametrize("overlay", ["frank", "frank-sharded"])
def test_the_two_applications_share_no_object(overlay):
    """One that both had would be fought over, and each sync of the one would be the other's OutOfSync."""
    folder = folder_of(overlay)
    hook = [obj for path in (folder / "hook").glob("*.yaml") for obj in objects_in(path.read_text("utf-8"))]
    night = objects_in(rendered_text(folder / "night"))
    places = [{(obj["kind"], obj["metadata"].get("namespace"), name_of(obj)) for obj in all_} for all_ in (hook, night)]
    assert all(places)
    assert not places[0] & places[1]


def test_each_run_of_the_hook_is_a_job_of_its_own():
    (job,) = (yaml.safe_load((folder_of("frank") / "hook" / "job.yaml").read_text("utf-8")),)
    assert job["metadata"]["generateName"] == f"{HOOK}-"
    assert "name" not in job["metadata"]
    assert job["metadata"]["annotations"] == {
        PREFIX + "hook": "PostSync",
        PREFIX + "hook-delete-policy": "HookSucceeded",
    }
    # Without a finalizer (3.4) a short one could take the Job away before it was judged.
    assert job["spec"]["ttlSecondsAfterFinished"] >= 600


def test_its_folder_is_a_plain_directory():
    """kustomize refuses generateName, and ArgoCD takes a folder with such a file for kustomize's."""
    folder = folder_of("frank") / "hook"
    assert not [path.name for path in folder.iterdir() if path.name.lower().startswith("kustomization")]
    assert not [path for path in folder.iterdir() if path.is_dir()]


@pytest.mark.parametrize("name", [HOOK_FILES, "application-with-authentik.yaml"])
def test_a_red_hook_is_told_at_once_and_dams_no_newer_commit(name):
    """Left out, an automated sync is retried five times: six runs of one red commit."""
    assert application(name)["spec"]["syncPolicy"]["retry"] == {"limit": 0}


def test_the_night_s_retries_take_the_newest_commit():
    assert application(NIGHT_FILES)["spec"]["syncPolicy"]["retry"] == {"limit": 5, "refresh": True}


@pytest.mark.parametrize("overlay", ["frank", "frank-sharded"])
def test_no_red_night_is_hidden(overlay):
    """The annotation would let the night's Application be Healthy, and the hook of one for both fail all the same."""
    texts = [path.read_text(encoding="utf-8") for path in folder_of(overlay).rglob("*.yaml")]
    texts += [path.read_text(encoding="utf-8") for path in (DEPLOY / "components").rglob("*.yaml")]
    assert len(texts) > 20
    assert not [text for text in texts if "ignore-healthcheck" in text]


def test_a_new_image_is_a_change_that_the_hook_runs_after():
    """A hook is not compared: what an Application consists of besides must change with it."""
    job, estate = one("frank", "Job", HOOK), one("frank", "ConfigMap", "sso-conformance-estate")
    assert estate["data"]["image"] == job["spec"]["template"]["spec"]["containers"][0]["image"]


@pytest.mark.parametrize("name", ALL)
def test_an_example_points_at_nobody(name):
    text = (DEPLOY / "argocd" / name).read_text(encoding="utf-8")
    assert {address.split("/")[2] for address in re.findall(r"https://\S+", text)} == {
        "git.invalid",
        "kubernetes.default.svc",
    }
    assert application(name)["spec"]["project"] == "default"


@pytest.mark.parametrize("name", ALL)
def test_what_is_given_is_filled_in(name, tmp_path):
    estate = ("--estate", str(ROOT / "estates" / "frank.toml"), "--image", "registry.example/suite:1")
    folder = made(
        tmp_path / "overlay", *estate, *REPOSITORY, "--revision", "v1", "--argocd", "gitops", "--notify", "slack"
    )
    loaded = application(name, folder)
    (source,) = ours(loaded)
    assert source["repoURL"] == "https://git.example/me/cluster.git"
    assert source["targetRevision"] == "v1"
    assert source["path"] == f"apps/sso/{'night' if name == NIGHT_FILES else 'hook'}"
    assert (folder / source["path"].removeprefix("apps/sso/")).is_dir()
    assert loaded["spec"]["project"] == "infra"
    assert loaded["metadata"]["namespace"] == "gitops"
    subscribed = list(loaded["metadata"].get("annotations", {}))
    assert subscribed == [] if name == NIGHT_FILES else [key.endswith(".slack") for key in subscribed] == [True]


@pytest.mark.parametrize("name", ["deploy", "docs/in-cluster.md", "README.md"])
def test_everything_goes_by_label_where_the_name_is_generated(name):
    """`job/sso-conformance-postsync` is nobody's name; alarms match what it begins with."""
    place = ROOT / name
    paths = [path for path in place.rglob("*") if path.suffix in (".md", ".yaml", ".py")] if place.is_dir() else [place]
    assert paths
    for path in paths:
        assert not re.search(rf"(job/|job |jobs ){HOOK}\b", path.read_text(encoding="utf-8")), path


def test_the_label_is_on_the_job_and_its_pods_and_on_no_others():
    label = {"sso-conformance/run": "postsync"}
    job = one("frank", "Job", HOOK)
    for labels in (job["metadata"]["labels"], job["spec"]["template"]["metadata"]["labels"]):
        assert label.items() <= labels.items()
    night = one("frank", "CronJob", "sso-conformance-nightly")["spec"]["jobTemplate"]["spec"]["template"]
    assert "sso-conformance/run" not in night["metadata"]["labels"]
    assert night["metadata"]["labels"]["app.kubernetes.io/name"] == NAMESPACE
