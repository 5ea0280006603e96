"""A pod that runs has a log: where none is given nothing is known of it, unless the pod went away meanwhile."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from fixtures.estate.loading import load_estate
from fixtures.exchange.workloads import Pod
from fixtures.model.signals import NotVerified
from fixtures.topics.logs.questions import read_logs
from lab.files import ESTATE_TEXT
from tests_smoke.test_logs import judge

STARTED = "2026-08-01T10:00:00Z"
LINE = '2026-08-01T10:30:00Z {"event": "Starting authentik", "level": "info", "logger": "x"}\n'
PANIC = '2026-08-01T10:30:00Z {"event": "panic: nil map", "level": "error"}\n'
RUN = SimpleNamespace(started=datetime(2026, 8, 1, 11, tzinfo=UTC))
ESTATE = load_estate(ESTATE_TEXT)


def pod(name, **state):
    status = {"name": "server", "state": state or {"running": {"startedAt": STARTED}}}
    return {
        "metadata": {"name": name, "namespace": "authentik"},
        "spec": {"containers": [{"name": "server"}]},
        "status": {"phase": "Running", "containerStatuses": [status]},
    }


class Cluster:
    """Gives these logs, and lists these pods by then."""

    def __init__(self, logs, later):
        self.logs, self.later = logs, later

    def log(self, _namespace, name, _container, **_):
        return self.logs.get(name)

    def list(self, _version, _plural, _namespace, *, name):
        return [each for each in self.later if each["metadata"]["name"] == name]


def read(logs, listed, later=None):
    cluster = Cluster(logs, listed if later is None else later)
    return read_logs(cluster, ESTATE, RUN, Pod.read_all(listed), "server")


TWO = [pod("server-0"), pod("server-1")]


@pytest.mark.parametrize("logs", [{"server-0": LINE}, {}], ids=["one of two", "both"])
def test_what_a_pod_that_runs_logs_is_not_known_where_no_log_is_given(logs):
    log = read(logs, TWO)
    with pytest.raises(NotVerified, match=r"gives no log of (server-0, )?server-1, though it runs") as told:
        judge(log, ("process", "server"), ESTATE)
    assert "kubectl -n authentik logs server-1 " in told.value.remedy


def test_an_error_that_another_logs_is_told_all_the_same():
    with pytest.raises(AssertionError, match="server-0 wrote"):
        judge(read({"server-0": PANIC}, TWO), ("process", "server"), ESTATE)


def deleted(found):
    found["metadata"]["deletionTimestamp"] = STARTED


def evicted(found):
    found["status"]["phase"] = "Failed"


def replaced(found):
    found["status"]["containerStatuses"][0]["state"] = {"running": {"startedAt": "2026-08-01T10:59:59Z"}}


@pytest.mark.parametrize(
    "change", [list.pop, *(lambda pods, do=do: do(pods[1]) for do in (deleted, evicted, replaced))]
)
def test_a_pod_that_went_away_since_it_was_listed_has_none(change):
    later = deepcopy(TWO)
    change(later)
    log = read({"server-0": LINE}, TWO, later)
    assert log.unread == ()
    judge(log, ("process", "server"), ESTATE)


@pytest.mark.parametrize("state", [{"waiting": {"reason": "ContainerCreating"}}, {"terminated": {"exitCode": 1}}])
def test_a_container_that_does_not_run_need_not_have_one(state):
    assert read({"server-0": LINE}, [pod("server-0"), pod("server-1", **state)]).unread == ()


def test_of_pods_that_went_away_all_there_is_nothing_to_judge():
    with pytest.raises(NotVerified, match="has no line within"):
        read({}, TWO, [])
