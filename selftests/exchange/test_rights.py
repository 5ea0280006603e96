"""The question of a right is a command, and asks as another only where another one asks."""

import pytest

from fixtures.exchange.rights import Right, denied
from fixtures.model.remedy import Remedy

ANSWER = 'secrets "x" is forbidden: User "system:serviceaccount:sso:probe" cannot get resource "secrets"'


@pytest.mark.parametrize(
    ("right", "asked"),
    [
        (Right(("get",), "v1", "secrets", "grafana", "oidc"), "get secrets/oidc -n grafana"),
        (Right(("list",), "apps/v1", "deployments"), "list deployments.apps -A"),
        (Right(("get", "create"), "v1", "pods/exec", "authentik"), "create pods --subresource=exec -n authentik"),
    ],
)
@pytest.mark.parametrize(("by_another", "more"), [(True, " --as system:serviceaccount:sso:probe"), (False, "")])
def test_the_command_that_asks(right, asked, by_another, more):
    remedy = denied(right, ANSWER, by_another=by_another).remedy
    assert isinstance(remedy, Remedy)
    assert [command.line for command in remedy.commands] == [f"kubectl auth can-i {asked}{more}"]
    assert right.rule in remedy.sentence
