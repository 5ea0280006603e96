"""Why an application refused a login, by its own log and clock: known words, and nothing where there are none."""

from datetime import timedelta
from email.utils import formatdate

import pytest

from fixtures.estate.oidc import OidcApplication
from fixtures.exchange.answers import Answer
from fixtures.topics.logins.own_words import (
    ACCEPTANCE,
    ACCOUNT,
    AUDIENCE,
    CLOCK,
    CODE,
    ISSUER,
    SECRET,
    UNVERIFIED,
    OwnWords,
    by_its_own_words,
    clock_error,
    reason_in,
)
from fixtures.topics.logins.rules import Why
from selftests.support.answers import answer

APP = OidcApplication.model_validate(
    {
        "name": "app",
        "slug": "app",
        "url": "https://app.example.org",
        "client_id": "app",
        "redirect_uris": ["https://app.example.org/callback"],
        "login_start": "/login",
    }
)
VAGUE = Why("it answers, but shows no session: many reasons", seen="it answers, but shows no session")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        # golang.org/x/oauth2, in a line of logfmt and in one of JSON
        (
            'level=ERROR msg="exchange failed" err="oauth2: \\"invalid_client\\" \\"Client authentication failed\\""',
            SECRET,
        ),
        ('{"level":"error","error":"oauth2: \\"invalid_client\\""}', SECRET),
        # Apache's module, Authlib, Spring Security
        ('oidc_util_check_json_error: response contained an "error" entry with value: "invalid_client"', SECRET),
        ("OAuthError: invalid_client: Client authentication failed (e.g., unknown client)", SECRET),
        # coreos/go-oidc (argo-cd#13432), oauth2-proxy (#2808), OpenBao, PyJWT, openid-client, Spring, .NET, Nimbus
        ('oidc: expected audience "dashboard" got ["app"]', AUDIENCE),
        ("audience from claim aud with value [app] does not match with any of allowed audiences map[x:{}]", AUDIENCE),
        ("error validating claims: aud claim does not match any bound audience", AUDIENCE),
        ("jwt.exceptions.InvalidAudienceError: Audience doesn't match", AUDIENCE),
        ("RPError: aud mismatch, expected x, got: app", AUDIENCE),
        ("An error occurred while attempting to decode the Jwt: The aud claim is not valid", AUDIENCE),
        ("IDX10214: Audience validation failed. Audiences: 'app'.", AUDIENCE),
        ("com.nimbusds.jwt.proc.BadJWTException: JWT audience rejected: [app]", AUDIENCE),
        # ArgoCD names each that it tried last, whatever is wrong with the token.
        (
            (
                'token verification failed for all audiences: error for aud "cd": failed to verify signature, '
                'error for aud "cli": oidc: expected audience "cli" got ["cd"]'
            ),
            "",
        ),
        # coreos/go-oidc, openid-client, Apache's module, Authlib
        ('oidc: id token issued by a different provider, expected "https://a/" got "https://b/"', ISSUER),
        ('oidc: issuer did not match the issuer returned by provider, expected "https://a" got "https://a/"', ISSUER),
        ("RPError: unexpected iss value, expected https://a/, got: https://b/", ISSUER),
        (
            'oidc_proto_validate_jwt: requested issuer (https://a/) does not match received "iss" value in id_token',
            ISSUER,
        ),
        ('unexpected JWT "iss" (issuer) claim value', ISSUER),
        ("authlib.jose.errors.InvalidClaimError: invalid_claim: Invalid claim 'iss'", ISSUER),
        # Apache's module, PyJWT, golang-jwt, openid-client
        ('"iat" validation failure (1): JWT was issued more than 600 seconds in the future', CLOCK),
        ("jwt.exceptions.ImmatureSignatureError: The token is not yet valid (iat)", CLOCK),
        ("token used before issued", CLOCK),
        ("RPError: JWT not active yet, now 1, nbf 2", CLOCK),
        ('{"msg":"login failed","err":"invalid_claim: Invalid claim \\"iss\\""}', ISSUER),
        ('level=error err="unexpected JWT \\"iss\\" (issuer) claim value"', ISSUER),
        # Microsoft.IdentityModel, Spring Security, Nimbus, Keycloak, jose4j, openid_connect, lua-resty-openidc
        ("IDX10205: Issuer validation failed. Issuer: 'https://a/'.", ISSUER),
        ("[invalid_id_token] The ID Token contains invalid claims: {iss=https://a/}", ISSUER),
        ("com.nimbusds.jwt.proc.BadJWTException: Unexpected JWT issuer: https://a/", ISSUER),
        ("VerificationException: Invalid token issuer. Expected 'https://a', but was 'https://b'", ISSUER),
        ("Issuer (iss) claim value (https://a) doesn't match expected value of https://b", ISSUER),
        ("IdToken::InvalidIssuer (Invalid ID token: Issuer does not match)", ISSUER),
        ('[lua] issuer "https://a" in id_token is not equal to the issuer from the discovery document', ISSUER),
        ("IDX10222: Lifetime validation failed. The token is not yet valid.", CLOCK),
        ("[invalid_id_token] The ID Token contains invalid claims: {iat=2026-11-27T10:00:00Z}", CLOCK),
        ("com.nimbusds.jwt.proc.BadJWTException: JWT issue time ahead of current time", CLOCK),
        ("oidc: current time 10:00 before the nbf (not before) time: 10:15", CLOCK),
        ("BeforeValidException: Cannot handle token with iat prior to 2026-11-27T10:00:00+0000", CLOCK),
        ("BeforeValidException: Cannot handle token prior to 2026-11-27T10:00:00+0000", CLOCK),
        ("JWT::ImmatureSignature (Signature nbf has not been reached)", CLOCK),
        ("JWT::InvalidIatError: Invalid iat", CLOCK),
        ('OperationProcessingError: unexpected JWT "nbf" (not before) claim value', CLOCK),
        # jose, oauth4webapi (Auth.js), go-oidc since 3.12, Spring Security at its start, jjwt, pac4j
        ('JWTClaimValidationFailed: unexpected "iss" claim value', ISSUER),
        (
            '[auth][error] OperationProcessingError: "response" body "issuer" property does not match the expected',
            ISSUER,
        ),
        (
            'oidc: issuer URL provided to client ("https://a") did not match the issuer URL returned by provider ("https://a/")',
            ISSUER,
        ),
        (
            'The Issuer "https://a/" provided in the configuration metadata did not match the requested issuer "https://a"',
            ISSUER,
        ),
        ("IncorrectClaimException: Expected iss claim to be: https://a, but was: https://b.", ISSUER),
        ("TechnicalException: java.text.ParseException: Invalid ID token issuer", ISSUER),
        ('JWTClaimValidationFailed: "iat" claim timestamp check failed (it should be in the past)', CLOCK),
        ('JWTClaimValidationFailed: "nbf" claim timestamp check failed', CLOCK),
        # Rust's openidconnect and jsonwebtoken, PyJWT by its class alone, oidcc, oauthlib, .NET
        ("Failed to verify ID token: InvalidIssuer", ISSUER),
        ("Validation error: unexpected issuer URI `https://a/` (expected `https://a`)", ISSUER),
        ("ERROR auth: jwt: Error(ImmatureSignature)", CLOCK),
        ("login failed: <class 'jwt.exceptions.ImmatureSignatureError'>", CLOCK),
        ('{error,{issuer_mismatch,<<"https://a">>}}', ISSUER),
        ("{error,token_not_yet_valid}", CLOCK),
        ("oauthlib.oauth2.rfc6749.errors.InvalidClientError", SECRET),
        # passport-openidconnect, Nextcloud, Nimbus, jwx, Spring Security, lua-resty-jwt, Envoy
        ("ID token not issued by expected OpenID provider.", ISSUER),
        ('{"app":"user_oidc","message":"This token is issued by the wrong issuer"}', ISSUER),
        ("BadJWTException: JWT iss claim has value https://a, must be https://b", ISSUER),
        ('jwt.Validate: validation failed: "iss" not satisfied: values do not match', ISSUER),
        ("Jwt issuer is not configured", ISSUER),
        ('jwt.Validate: validation failed: "iat" not satisfied', CLOCK),
        ("BadJWTException: JWT before use time", CLOCK),
        ("An error occurred while attempting to decode the Jwt: Jwt used before 2026-11-27T10:00:00Z", CLOCK),
        ("'nbf' claim not valid until Fri, 27 Nov 2026 10:00:00 GMT", CLOCK),
        # What only looks like one of them
        ("invalid client certificate from 10.0.0.1", ""),
        ("Invalid client id", ""),
        ("validate_issuer=true", ""),
        ("the token is not issued by this server", ""),
        ('level=warn issuer=https://a msg="state does not match"', ""),
        ('{"issuer":"https://a","msg":"redirect URI does not match"}', ""),
        # Grafana of several releases, Gitea, GitLab, PostgreSQL
        ('logger=user.sync level=error msg="Failed to create user" error="user already exists"', ACCOUNT),
        ('level=error msg="Failed to run post auth hook" error="[user.sync.internal] unable to create user"', ACCOUNT),
        ('msg="Failed to update user" error="UNIQUE constraint failed: user.email"', ACCOUNT),
        ("CreateUser: e-mail already in use [email: a@example.org]", ACCOUNT),
        ("Validation failed: Email has already been taken", ACCOUNT),
        ('duplicate key value violates unique constraint "users_email_key"', ACCOUNT),
        ("created user bob", ""),
        # Grafana, oauth2-proxy, JupyterHub
        (
            'level=error error="[auth.oauth.userinfo.failed] user not a member of one of the required groups"',
            ACCEPTANCE,
        ),
        ("idP did not return a role attribute, but role_attribute_strict is set", ACCEPTANCE),
        ('error="[auth.oauth.email.not-allowed] Required email domain not fulfilled"', ACCEPTANCE),
        ('error="[user.sync.signup-disabled] Sign up is disabled"', ACCEPTANCE),
        ("[AuthFailure] Invalid authentication via OAuth2: unauthorized", ACCEPTANCE),
        ("[W 2026-11-27 auth:1] User 'probe' not allowed.", ACCEPTANCE),
        ("method not allowed", ""),
        # oauth2-proxy, Dex, others
        ("Error redeeming code during OAuth2 callback: email in id_token (a@b.c) isn't verified", UNVERIFIED),
        ('failed to authenticate: missing \\"email_verified\\" claim', UNVERIFIED),
        ("Login refused: EmailNotVerified", UNVERIFIED),
        ("claims: email=a@b.c email_verified=false groups=[]", ""),
        ("sent a mail to verify the address; account is verified", ""),
        # whoever logs in at the same time, and what nobody knows
        ("config: issuer=https://auth.example.org/ client=invalid", ""),
        ("user bob: invalid password", ""),
        ("GET /healthz 200", ""),
        ("session of bob is expired", ""),
        ("", ""),
    ],
)
def test_what_a_line_means(line, reason):
    assert reason_in([f"2026-11-27T14:00:00Z {line}\n"]) == reason


@pytest.mark.parametrize(
    "line",
    [
        # golang.org/x/oauth2 with Authentik's own words, openid-client, Spring Security, an error's name alone
        'oauth2: "invalid_grant" "The provided authorization grant or refresh token is invalid, expired, revoked"',
        "OPError: invalid_grant (The provided authorization grant or refresh token is invalid)",
        "[invalid_grant] The provided authorization grant or refresh token is invalid, expired, revoked",
        "InvalidGrantError",
    ],
)
def test_a_code_that_is_not_taken_is_told_where_nothing_else_is(line):
    assert reason_in([line]) == CODE
    # Somebody else's refresh token, after the login.
    assert reason_in([f"x invalid_client\n{line}\n"]) == SECRET
    assert reason_in([f"{line}\n", "x invalid_client\n"]) == SECRET


def test_the_last_line_that_says_something_counts():
    log = "x invalid_client\nx JWT was issued more than 600 seconds in the future\nx GET / 200\n"
    assert reason_in([log]) == CLOCK
    assert reason_in([]) == ""


def answered(url: str, seconds: float, **headers: str) -> Answer:
    sent = {"date": formatdate(1_700_000_000 + seconds, usegmt=True), **headers}
    return answer(url=url, received=1_700_000_000, **sent)


def test_the_clock_is_read_off_the_applications_own_answers():
    here = answered("https://app.example.org/callback", -900)
    assert clock_error([answered("https://auth.example.org/", 0), here], APP) == timedelta(minutes=-15)
    assert clock_error([answered("https://auth.example.org/", -900)], APP) is None
    assert clock_error([answered("https://app.example.org/", -900, age="900")], APP) is None


@pytest.mark.parametrize(
    ("reason", "seconds", "says", "why"),
    [
        (SECRET, 0, "client secret", SECRET),
        (ISSUER, 0, "another issuer", ISSUER),
        (CODE, 0, "invalid_grant", CODE),
        # The log comes first: a clock may be off and do no harm.
        (SECRET, -900, "client secret", SECRET),
        ("", -900, "15 min behind", CLOCK),
        ("", 7200, "120 min ahead", CLOCK),
        (CLOCK, -900, "15 min behind", CLOCK),
        (CLOCK, 0, "its own log says", CLOCK),
    ],
)
def test_each_reason_is_a_root_of_its_own(reason, seconds, says, why):
    found = by_its_own_words(VAGUE, OwnWords(reason), timedelta(seconds=seconds), APP, 60)
    assert says in found.said
    assert "many reasons" not in found.said
    assert found.kind is not None
    assert found.kind.of == ("app", why)


def test_without_words_what_was_seen_stays():
    assert by_its_own_words(VAGUE, OwnWords(), timedelta(seconds=5), APP, 60) is VAGUE
    assert by_its_own_words(VAGUE, OwnWords(), None, APP, 60) is VAGUE
    exact = Why("Authentik's policies deny the user this application")
    assert by_its_own_words(exact, OwnWords(SECRET), timedelta(hours=1), APP, 60) is exact
