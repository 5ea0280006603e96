"""What is typed to make a provider as declared sets that, and nothing else."""

from fixtures.estate.loading import load_estate
from fixtures.exchange.api_objects import OAuthProvider
from fixtures.topics.providers.mending import allow_grants, register, set_on
from lab.files import ESTATE_TEXT
from selftests.support.remedies import sent

PROVIDER = OAuthProvider(
    pk=7, name="it's", client_id="a", client_type="public", sub_mode="user_id",
    access_code_validity="", access_token_validity="", refresh_token_validity="",
)  # fmt: skip


def test_a_field_is_set():
    estate = load_estate(ESTATE_TEXT)
    command = set_on(estate, PROVIDER, sub_mode="it's $(x)")
    assert command.changes
    assert sent(command.line) == (
        f"{estate.authentik.public_url}/api/v3/providers/oauth2/7/",
        {"sub_mode": "it's $(x)"},
    )


def test_declared_uris_are_registered():
    estate = load_estate(ESTATE_TEXT)
    app = estate.oidc[0]
    _, fields = sent(register(estate, app, PROVIDER).line)
    assert [entry["url"] for entry in fields["redirect_uris"]] == [
        entry.url for entry in (*app.redirect_uris, *app.logout_redirect_uris)
    ]


def test_the_token_is_no_argument():
    line = set_on(load_estate(ESTATE_TEXT), PROVIDER, sub_mode="user_id").line
    assert '-K <(echo "oauth2-bearer = ${AUTHENTIK_ADMIN_TOKEN:?an API token of an administrator}")' in line


def test_all_grants_are_allowed_at_once():
    estate = load_estate(ESTATE_TEXT)
    app = estate.oidc[0]
    some = PROVIDER.model_copy(update={"grant_types": ["implicit"]})
    _, fields = sent(allow_grants(estate, some, app).line)
    assert fields == {"grant_types": ["implicit", *app.grant_types]}
