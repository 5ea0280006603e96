"""What a preview of claims shows, and what of it no token has."""

import pytest

from fixtures.exchange.api_objects import ScopeMapping
from fixtures.model.signals import NotVerified
from fixtures.topics.providers.rules import refuse_unasked, refuse_unseen
from selftests.support.api_views import an
from selftests.support.oidc_applications import application, provider


def test_a_preview_shows_what_is_in_the_id_token_alone():
    refuse_unseen(application(), provider())
    with pytest.raises(NotVerified, match="only by userinfo"):
        refuse_unseen(application(), provider(include_claims_in_id_token=False))


_PROFILE = 'return {"name": request.user.name, "preferred_username": request.user.username}'
_GROUPS = "return {'groups': [group.name for group in request.user.groups.all()], 'sub': request.user.uuid}"


@pytest.mark.parametrize(
    ("scopes", "claims", "more", "good"),
    [
        (["openid", "profile"], ["name", "sub"], "", True),
        # A preview shows them, and no token has them (Authentik's source: providers/oauth2/views/userinfo.py).
        (["openid", "profile"], ["name", "groups"], "", False),
        (["openid", "profile", "groups"], ["name", "groups"], "", True),
        (["openid", "profile"], ["groups"], 'return {"groups": []}', True),
        (["openid", "profile"], ["groups"], "return {**request.user.attributes}", True),
        # Whose expression names it nowhere may make it all the same.
        (["openid", "profile"], ["team"], "", True),
    ],
)
def test_a_claim_of_a_scope_that_is_not_asked_for_proves_nothing(scopes, claims, more, good):
    known = {"openid": more, "profile": _PROFILE, "groups": _GROUPS}
    mappings = [an(ScopeMapping, pk=name, scope_name=name, expression=text) for name, text in known.items()]
    mappings.append(an(ScopeMapping, pk="of others", scope_name="openid", expression=_GROUPS))
    told = (application(scopes=scopes, claims=claims), provider(property_mappings=list(known)), mappings)
    if good:
        refuse_unasked(*told)
    else:
        with pytest.raises(NotVerified, match="groups comes only of the scope groups, and "):
            refuse_unasked(*told)
