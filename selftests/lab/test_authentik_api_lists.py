"""The lab's Authentik REST API: pages, filters, and the machinery's and directory's objects."""

import pytest

from lab.authentik.audit_log import record_event


def test_pages(admin):
    pages = admin.get("core/users/?page_size=1&page=2").json()["pagination"]
    assert pages == {
        "next": 3,
        "previous": 1,
        "count": 7,
        "current": 2,
        "total_pages": 7,
        "start_index": 2,
        "end_index": 2,
    }
    assert admin.get("core/users/?page_size=100000").json()["pagination"]["end_index"] == 7
    response = admin.get("core/users/?page_size=1&page=999")
    assert (response.status_code, response.json()) == (404, {"detail": "Invalid page."})


def test_an_empty_list_is_a_page(admin):
    body = admin.get("core/users/?username=zzz").json()
    assert (body["results"], body["pagination"]["total_pages"], body["pagination"]["start_index"]) == ([], 1, 0)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("username=alice", ["alice"]),
        ("search=ALICE", ["alice"]),
        ("is_active=false", ["carol"]),
        ("is_superuser=true", ["akadmin", "alice"]),
        ("groups_by_name=developers", ["bob", "conformance-probe"]),
        ("type=service_account&nosuchfilter=1", ["svc-sso-conformance"]),
        ("ordering=-username&page_size=1", ["svc-sso-conformance"]),
    ],
)
def test_filters_of_users(admin, query, names):
    assert [user["username"] for user in admin.results(f"core/users/?{query}")] == names


def test_unknown_filters_are_ignored(admin):
    everything = admin.results("managed/blueprints/?page_size=100")
    assert admin.results("managed/blueprints/?status=error&page_size=100") == everything


def test_events_newest_first_by_action(world, admin):
    record_event(world, "configuration_error", "authentik.providers.oauth2.views.token")
    record_event(world, "system_exception", "authentik.root")
    newest = admin.results("events/events/?ordering=-created")
    assert newest[0]["action"] == "system_exception"
    assert len(admin.results("events/events/?action=configuration_error")) == 1
    both = admin.results("events/events/?actions=configuration_error&actions=system_exception")
    assert len(both) == 2


def test_groups_list_their_members(admin):
    (group,) = admin.results("core/groups/?name=platform-admins")
    assert [user["username"] for user in group["users_obj"]] == ["alice"]


def test_machinery_is_in_order(world, suite):
    assert {row["status"] for row in suite.results("managed/blueprints/?page_size=100")} == {"successful"}
    assert suite.results("tasks/tasks/?aggregated_status=error") == []
    assert [worker["version_matching"] for worker in suite.get("tasks/workers/").json()] == [True]
    schedules = suite.results("tasks/schedules/")
    assert all(row["paused"] or row["next_run"] > world.clock.now().isoformat() for row in schedules)
