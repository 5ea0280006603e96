"""--shard: the shares together are the whole, and each case is in one of them."""

import re

import pytest

from fixtures.model.errors import OptionError
from fixtures.sharding.dividing import INDEX, JOB, Share, part_of, share_of
from selftests.support.suite_runs import run_suite

NAMES = ("argocd", "grafana", "infisical", "longhorn", "hubble", "sympozium", "whoami")


def collected(*arguments: str) -> list[str]:
    run = run_suite("--lab", "--collect-only", "-q", *arguments)
    assert run.exit_code == 0, run.stdout[-1000:]
    return re.findall(r"^tests_\S+::.*$", run.stdout, re.MULTILINE)


@pytest.fixture(scope="module")
def whole() -> list[str]:
    return collected()


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_each_case_is_in_one_share_and_all_are_the_whole(parts, whole):
    shares = [collected("--shard", f"{part}/{parts}") for part in range(1, parts + 1)]
    assert all(shares)
    assert sorted(case for share in shares for case in share) == sorted(whole)
    assert len(set(whole)) == len(whole) > 300
    for name in NAMES:
        holders = {number for number, share in enumerate(shares) if any(f"[{name}]" in case for case in share)}
        assert holders == {NAMES.index(name) % parts}, name


def test_what_belongs_to_no_application_is_the_first_shares():
    assert part_of({"address": "public"}, NAMES, 3) == 1
    assert part_of({}, NAMES, 3) == 1
    assert part_of({"method": "head", "app": "hubble"}, NAMES, 3) == 2


@pytest.mark.parametrize("index", [0, 1, 3])
def test_an_indexed_job_says_which_share_is_its_pods(index):
    environment = {INDEX: str(index), JOB: "sso-conformance-shares-29451234"}
    assert share_of("4", environment) == Share(index + 1, 4, "sso-conformance-shares-29451234")
    assert share_of("2/4", environment) == Share(2, 4, "sso-conformance-shares-29451234")


def test_without_the_option_an_index_divides_nothing():
    assert share_of(None, {INDEX: "2"}) == Share(1, 1)


@pytest.mark.parametrize(
    ("text", "index", "says"),
    [
        ("half", "0", "write I/N, such as 2/4"),
        ("0/4", "0", "is no share"),
        ("2/0", "0", "is no share"),
        ("-1/4", "0", "is no share"),
        ("5/4", "0", "there is no share 5 of 4"),
        ("4", "4", "there is no share 5 of 4, write 1/4 to 4/4; in a Job, completions: 4"),
        ("4", "", f"{INDEX} is not set, write I/4"),
        ("4", "first", f"{INDEX} is not set"),
    ],
)
def test_a_share_that_is_none_is_refused(text, index, says):
    with pytest.raises(OptionError, match=re.escape(says)):
        share_of(text, {INDEX: index} if index else {})


def test_more_shares_than_applications_are_refused():
    run = run_suite("--lab", "--collect-only", "--shard", "2/8")
    assert run.exit_code == 4
    assert "7 applications cannot be divided by 8" in run.stderr
