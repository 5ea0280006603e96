"""Every kubectl and curl line of the runbook as it stands, but for the lab's credentials in its place of a token."""

DIRECT = "http://192.168.55.211:9000"
PUBLIC = "https://auth.frank.derio.net"
READER = '-H "Authorization: Bearer $AUTHENTIK_TOKEN"'
WRITER = '-H "Authorization: Bearer $AUTHENTIK_WRITE_TOKEN" -H "Content-Type: application/json"'
SHELL = "kubectl exec -n authentik deploy/authentik-server -it -- ak shell"
ENV = '{.spec.template.spec.containers[0].env[?(@.name=="AUTHENTIK_HOST")].value}'
MINT = f"""{SHELL} <<'PYTHON'
from authentik.core.models import Token, TokenIntents, User
user = User.objects.get(username="akadmin")
token, created = Token.objects.get_or_create(
    identifier="api-ops", defaults={{"intent": TokenIntents.INTENT_API, "user": user, "expiring": False}}
)
print(token.key)
PYTHON
"""
TOKENS = f"""{SHELL} <<'PYTHON'
from authentik.core.models import Token
for t in Token.objects.filter(intent="api"):
    print(t.identifier, t.user, t.expires)
PYTHON
"""
NEW_USER = '{"username": "dora", "name": "Dora", "email": "dora@derio.net", "is_active": true}'
CLIENT = (
    "kubectl get secret -n grafana grafana-oidc -o jsonpath='{.data.GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET}' | base64 -d"
)
MACHINE = (
    f"curl -s {PUBLIC}/application/o/token/ -d grant_type=client_credentials -d client_id=grafana "
    f'-d client_secret="$({CLIENT})"'
)
# Section of the runbook, the line, and what has to be in its output.
LINES = (
    ("H1", f"curl -s -o /dev/null -w '%{{http_code}}' {DIRECT}/-/health/live/", "200"),
    ("H1", f"curl -s -o /dev/null -w '%{{http_code}}' {PUBLIC}/-/health/ready/", "200"),
    ("S1", "kubectl get pods -n authentik", "authentik-worker"),
    ("S2", "kubectl logs -n authentik deploy/authentik-server --tail=50", '"level": "info"'),
    ("S2", "kubectl logs -n authentik deploy/authentik-worker --tail=50", '"level": "info"'),
    ("S3", MINT, "### authentik shell"),
    ("S4", f"curl -s {READER} {DIRECT}/api/v3/providers/all/", '"Grafana"'),
    ("S5", f"curl -s {READER} {DIRECT}/api/v3/core/users/", '"akadmin"'),
    ("R1", f"curl -s -X POST {WRITER} -d '{NEW_USER}' {DIRECT}/api/v3/core/users/", '"dora@derio.net"'),
    ("R2", f"curl -s {READER} {DIRECT}/api/v3/core/groups/", '"platform-admins"'),
    ("R3", f"curl -s -L -o /dev/null -w '%{{http_code}} %{{url_effective}}' {PUBLIC}/if/admin/", "200 https://auth"),
    ("R4", "kubectl rollout restart -n grafana deploy/grafana", "restarted"),
    ("R5", "kubectl annotate es grafana-oidc -n grafana force-sync=$(date +%s) --overwrite", "annotated"),
    ("R6", "kubectl get secret -n grafana grafana-oidc -o jsonpath='{.data}'", "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"),
    ("R7", TOKENS, "authentik-bootstrap-token akadmin"),
    ("D1", "kubectl logs -n authentik deploy/authentik-server --tail=500 | grep -iE 'oauth|oidc|redirect'", "oauth"),
    ("D2", f"curl -s {READER} {DIRECT}/api/v3/providers/oauth2/", '"https://grafana.frank.derio.net/login/generic_oauth"'),
    ("D3", f"curl -s {READER} {DIRECT}/api/v3/providers/oauth2/", '"redirect_uris":[{"matching_mode":"strict"'),
    ("D4", f"curl -s {READER} {DIRECT}/api/v3/providers/oauth2/", '"invalidation_flow":"'),
    ("D5", "curl -s -o /dev/null -w '%{redirect_url}' https://longhorn.frank.derio.net/", f"{PUBLIC}/"),
    ("D6", f"kubectl get deploy -n authentik authentik-server -o jsonpath='{ENV}'", PUBLIC),
    ("D7", "curl -s -I https://longhorn.frank.derio.net/", f"{PUBLIC}/application/o/authorize/?"),
    ("D8", "kubectl logs -n authentik -l app.kubernetes.io/component=outpost 2>&1", "No resources found"),
    ("D9", "curl -s http://authentik-server.authentik.svc/api/v3/root/config/", '"capabilities"'),
    ("D10", "kubectl get secret -n grafana grafana-oidc -o jsonpath='{.data}'", "GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET"),
    (
        "D11",
        f"curl -s {PUBLIC}/application/o/grafana/.well-known/openid-configuration",
        f'"issuer": "{PUBLIC}/application/o/grafana/"',
    ),
    ("D12", MACHINE, '"access_token"'),
)  # fmt: skip
