"""The worker: alive, of the server's version, and its schedules in order (runbook S1)."""

from datetime import timedelta

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.exchange.answers import Answer
from fixtures.exchange.api_objects import Schedule, Task, Worker
from fixtures.model.remedy import Remedy, change, page, read
from fixtures.topics.operations.rules import (
    PATIENCE,
    failed_schedules,
    needs_internet,
    neglected_schedules,
    paused_schedules,
    same_version,
    server_time,
)

_NO_WAY_OUT = "where the cluster has no way out on purpose, pause the schedule: AUTHENTIK_DISABLE_UPDATE_CHECK=true"
_ONCE_MORE = (
    "a restart lets them look through the queue once more: what is left in it some minutes later waits for another "
    "release (goauthentik/authentik issue 26232: 2026.8.0 to 2026.8.2)"
)


@check(
    "SMOKE-WORK-01",
    trouble="Authentik's background tasks do not run as they should",
    claim="a worker of the server's version reports in; no unpaused schedule was due, or queued, an hour ago without "
    "having run; none's last run is in error (of the last 48 hours, unless the estate sets another window; a warning "
    "for those that need the internet); none that the installation lives by is paused (w)",
    runbook="S1",
    blind="that the worker keeps up with what was not scheduled: mails, and the changes of a single blueprint",
    needs=("api",),
)
def test_worker_works(
    workers: list[Worker],
    server_version: str,
    schedules: list[Schedule],
    failed_tasks: list[Task],
    queued_tasks: list[Task],
    direct_answer: Answer,
    estate: Estate,
) -> None:
    """Without a worker no blueprint, outpost or expiry is ever touched again, and the login page still looks fine."""
    namespace, worker = estate.authentik.namespace, estate.authentik.worker
    steps = read("kubectl -n {} get pods", namespace), read("kubectl -n {} logs deploy/{} --tail=50", namespace, worker)
    restart = change("kubectl -n {} rollout restart deploy/{}", namespace, worker)
    told = "the worker's log says why"
    assert workers, because("no worker has reported in for two minutes", remedy=Remedy(told, *steps))
    versions = sorted({entry.version for entry in workers})
    assert any(same_version(version, server_version) for version in versions), because(
        f"the workers run {', '.join(versions)}, the server {server_version}: a rollout is stuck half-way",
        remedy=Remedy("let the rollout of the worker end: all pods of one version", *steps),
    )
    now = server_time(direct_answer)
    neglected = neglected_schedules(schedules, queued_tasks, now)
    assert not neglected, because(
        f"the workers report in, but run nothing of {', '.join(sorted(neglected))}: it has waited since "
        f"{min(neglected.values()):%Y-%m-%d %H:%M} UTC, and more than {PATIENCE} is too long",
        remedy=Remedy(f"{told}; {_ONCE_MORE}", *steps, restart),
    )
    hours = estate.bounds.schedule_window_hours
    failed = failed_schedules(schedules, failed_tasks, now, timedelta(hours=hours))
    broken = [actor for actor in failed if not needs_internet(actor)]
    assert not broken, because(
        f"the last run of {', '.join(broken)} failed, within {hours:g} hours",
        remedy=Remedy("its own log is on the page of the tasks", *steps, page(estate.admin_page("admin/system-tasks"))),
    )
    _warn_of(paused_schedules(schedules), estate)
    assert not failed, because(
        f"the last run of {', '.join(failed)} failed, which needs the internet",
        remedy=Remedy(_NO_WAY_OUT, *steps),
        severity="warning",
    )


def _warn_of(paused: list[str], estate: Estate) -> None:
    assert not paused, because(
        f"somebody has paused {'; '.join(paused)}",
        remedy=Remedy("resume it: its page has a switch", page(estate.admin_page("admin/system-tasks"))),
        severity="warning",
    )
