"""The judges of discovery documents, shown a document as Authentik makes it and what can be wrong with one."""

import pytest

from fixtures.topics.discovery.rules import (
    AtService,
    Discovery,
    difference,
    endpoint_names,
    foreign_endpoints,
    member_complaints,
    members_naming,
    unserved,
)
from selftests.support.answers import json_answer

ISSUER = "https://auth.example/application/o/grafana/"
GOOD = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://auth.example/application/o/authorize/",
    "token_endpoint": "https://auth.example/application/o/token/",
    "userinfo_endpoint": "https://auth.example/application/o/userinfo/",
    "jwks_uri": "https://auth.example/application/o/grafana/jwks/",
    "response_types_supported": ["code"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "scopes_supported": ["openid", "email"],
    "request_parameter_supported": False,
}


def test_a_good_document():
    assert member_complaints(GOOD) == []
    assert foreign_endpoints(GOOD, ISSUER) == {}


@pytest.mark.parametrize(
    "name",
    [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    ],
)
def test_a_required_member_is_missed(name):
    document = {member: value for member, value in GOOD.items() if member != name}
    assert member_complaints(document) == [f"{name} is missing"]


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"issuer": None}, "issuer is no URL"),
        ({"token_endpoint": "/application/o/token/"}, "token_endpoint is no URL"),
        ({"jwks_uri": "https://"}, "jwks_uri is no URL"),
        ({"jwks_uri": ["https://auth.example/"]}, "jwks_uri is no URL"),
        ({"userinfo_endpoint": 1}, "userinfo_endpoint is no URL"),
        ({"response_types_supported": "code"}, "response_types_supported is no list of words"),
        ({"response_types_supported": [1]}, "response_types_supported is no list of words"),
        ({"subject_types_supported": []}, "subject_types_supported is empty"),
        ({"scopes_supported": "openid"}, "scopes_supported is no list of words"),
        ({"request_parameter_supported": "false"}, "request_parameter_supported is neither true nor false"),
    ],
)
def test_a_member_of_a_wrong_type(changed, complaint):
    assert member_complaints(GOOD | changed) == [complaint]


@pytest.mark.parametrize(
    "url",
    [
        "http://auth.example/application/o/token/",
        "https://auth.example:8443/application/o/token/",
        "http://authentik-server.authentik.svc/application/o/token/",
    ],
)
def test_an_endpoint_elsewhere(url):
    assert foreign_endpoints(GOOD | {"token_endpoint": url}, ISSUER) == {"token_endpoint": url}


def test_a_written_default_port_is_the_same_place():
    same = "https://AUTH.example:443/application/o/token/"
    assert foreign_endpoints(GOOD | {"token_endpoint": same}, ISSUER) == {}


def test_endpoints_are_found_by_their_names():
    assert set(endpoint_names(GOOD)) == {
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
    }


def test_differences_do_not_count_the_order_of_lists():
    assert difference(GOOD, GOOD | {"scopes_supported": ["email", "openid"]}) == ()
    assert difference(GOOD, GOOD | {"scopes_supported": ["openid"]}) == ("scopes_supported",)
    assert difference(GOOD, GOOD | {"extra": 1}) == ("extra",)
    assert difference(GOOD | {"extra": 1}, GOOD) == ("extra",)


def test_members_that_name_a_host():
    assert members_naming(GOOD, "forged.invalid") == ()
    forged = GOOD | {"issuer": "https://FORGED.invalid/"}
    assert members_naming(forged, "forged.invalid") == ("issuer",)


def answered(document, status=200, media_type="application/json"):
    return json_answer(document, status, **{"content-type": media_type})


@pytest.mark.parametrize(
    ("algorithms", "by_secret"),
    [
        (["HS256"], True),
        (["HS256", "HS512"], True),
        (["HS256", "RS256"], False),
        (["ES256"], False),
        (["none"], False),
        ([], False),
        ("HS256", False),
        (None, False),
        ([1], False),
    ],
)
def test_tokens_signed_by_the_client_secret(algorithms, by_secret):
    found = Discovery(answered(GOOD | {"id_token_signing_alg_values_supported": algorithms}))
    assert found.signs_by_secret is by_secret


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (answered(GOOD), ""),
        (answered(GOOD, status=404), "is not served: 404 application/json"),
        (answered(b"<title>Hi</title>", media_type="text/html"), "is not served: 200 text/html titled 'Hi'"),
        (answered(GOOD, media_type=None), "is not served: 200"),
        (answered([GOOD]), "is no JSON object: 200 application/json"),
        (answered(b"{"), "is no JSON object: 200 application/json"),
    ],
)
def test_what_is_no_document(answer, why):
    assert unserved(answer) == why


def test_what_is_missing_in_a_document_is_empty():
    found = Discovery(answered({}))
    assert (found.issuer, found.jwks_uri, found.signing_algorithms) == ("", "", ())


PUBLIC = {"issuer": "https://auth.example/application/o/x/", "jwks_uri": "https://auth.example/application/o/x/jwks/"}


def at_service(document, version="2026.8.0"):
    return AtService(json_answer(document), version)


@pytest.mark.parametrize(
    ("changes", "by_scheme"),
    [
        ({}, False),
        ({"issuer": "http://auth.example/application/o/x/"}, False),
        ({name: url.replace("https", "http") for name, url in PUBLIC.items()}, True),
        ({name: url.replace("https://auth", "http://other") for name, url in PUBLIC.items()}, False),
    ],
)
def test_a_document_that_differs_by_its_scheme_alone(changes, by_scheme):
    assert at_service(PUBLIC | changes).is_other_by_scheme(at_service(PUBLIC)) is by_scheme


@pytest.mark.parametrize("fixed", ["https://auth.example:443/token/", "https://auth.example.org/token/"])
def test_an_address_that_is_not_of_the_request_stays_the_same_by_another_scheme(fixed):
    """Authentik makes its addresses of the request's scheme and host; one with a port written, or on a host that only
    begins as the issuer's, was put there by somebody else (V token-endpoint-with-its-port on 2026.8)."""
    by_http = {name: url.replace("https", "http") for name, url in PUBLIC.items()}
    public = at_service(PUBLIC | {"token_endpoint": fixed})
    assert at_service(by_http | {"token_endpoint": fixed}).is_other_by_scheme(public)
    assert not at_service(by_http | {"token_endpoint": fixed.replace("https", "http")}).is_other_by_scheme(public)


@pytest.mark.parametrize(
    ("version", "believes"),
    [("2026.5.0", True), ("2026.8.0-rc1", False), ("2026.8.2", False), ("2026.10.0", False), ("", False), ("x", False)],
)
def test_since_2026_8_it_counts_who_forwards(version, believes):
    assert at_service(PUBLIC, version).believes_anybody is believes
