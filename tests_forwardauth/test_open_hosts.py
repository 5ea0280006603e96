"""Hosts that are open or retired on purpose are just that (runbook H4)."""

from fixtures.engine.checks import because, check
from fixtures.estate.estate import Estate
from fixtures.estate.places import routes_of
from fixtures.exchange.answers import Answer
from fixtures.model.remedy import Remedy
from fixtures.model.signals import NotVerified
from fixtures.topics.gate.open_hosts import StatedHost, look_for_its_route
from fixtures.topics.gate.rules import is_nobody, is_open


@check(
    "FWD-ROUTE-05",
    trouble="An open host is gated, or a retired one answers",
    claim="hosts declared open answer without the gate; hosts declared retired do not answer",
    runbook="H4",
    blind="paths other than the declared ones, and ways that do not pass the ingress",
)
def test_stated_host(stated_host_answer: Answer | None, stated_host: StatedHost, estate: Estate) -> None:
    """An API client cannot follow a login; and a host that moved goes on serving from its old route."""
    answer, url = stated_host_answer, stated_host.url
    said = answer.summary if answer is not None else "nothing"
    if stated_host.opened:
        assert is_open(answer, estate.authentik.public_url, stated_host.statuses), because(
            f"{url} is declared open, but answers {said}",
            remedy=Remedy(
                "restore its route, or correct open_hosts in the estate file",
                routes_of(estate, url),
            ),
        )
        return
    if estate.traefik is None and answer is not None and answer.status == 404 and not answer.body:
        raise NotVerified(
            f"{url}, declared retired, answers 404 without a word, as Envoy does for a host that it has no route for, "
            "and some applications do, too",
            look_for_its_route(estate, url),
        )
    assert answer is None or is_nobody(answer), because(
        f"{url} is declared retired, but still answers {said}",
        remedy=Remedy(
            "delete its route (GitOps without pruning keeps it)",
            routes_of(estate, url),
        ),
    )
