#!/usr/bin/env bash
# How clients write a client secret into HTTP Basic credentials at the token endpoint.
#
# RFC 6749 section 2.3.1 wants client id and secret form-encoded first (a space is "+", a plus "%2B"). Seen with a secret
# of letters, a space, a plus, a percent sign and a hyphen:
#   golang.org/x/oauth2 0.38.0 (ArgoCD, Grafana)   form-encoded; after a refusal once more, raw, in the form
#   openid-client 6.9.0 (npm)                       form-encoded, and the hyphen is "%2D", which needs no escape
#   simple-oauth2 5.1.0 (npm), as it comes          form-encoded; with credentialsEncodingMode "loose" raw
#   Authlib 1.9.10, requests-oauthlib 2.0.0         raw
#
# So no decoder serves them all: one that decodes "+" and "%" (RFC 6749) breaks the raw ones, one that leaves "+" alone
# (urllib.parse.unquote) breaks the others as soon as the secret has a space, and only the Go client saves itself, at the
# price of a refused request in each login. Letters, digits and hyphens survive everywhere.
#
# Fails when a client writes it otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check authlib==1.9.10 requests-oauthlib==2.0.0 requests
(cd "$folder" && npm init -y >/dev/null && npm install --silent --no-fund --no-audit openid-client@6.9.0 simple-oauth2@5.1.0)
mkdir "$folder/go"
cat >"$folder/go/main.go" <<'GO'
package main

import (
	"context"
	"os"

	"golang.org/x/oauth2"
)

func main() {
	config := oauth2.Config{ClientID: "app", ClientSecret: os.Args[2],
		Endpoint: oauth2.Endpoint{TokenURL: os.Args[1]}}
	config.Exchange(context.Background(), "code")
}
GO
(cd "$folder/go" && GOPATH="$folder/gopath" GOFLAGS=-modcacherw go mod init example.test/ask 2>/dev/null &&
    GOPATH="$folder/gopath" GOFLAGS=-modcacherw go get golang.org/x/oauth2@v0.38.0 2>/dev/null &&
    GOPATH="$folder/gopath" GOFLAGS=-modcacherw go build -o ask . )
cat >"$folder/ask.mjs" <<'JS'
import * as client from 'openid-client'
import simple from 'simple-oauth2'
const [, , which, url, secret] = process.argv
const origin = new URL(url).origin
if (which === 'openid-client') {
  const server = { issuer: origin, token_endpoint: url, authorization_endpoint: `${origin}/authorize` }
  const config = new client.Configuration(server, 'app', {}, client.ClientSecretBasic(secret))
  client.allowInsecureRequests(config)
  await client.clientCredentialsGrant(config).catch(() => {})
} else {
  const options = which === 'simple-loose' ? { credentialsEncodingMode: 'loose' } : {}
  const one = new simple.ClientCredentials({ client: { id: 'app', secret }, auth: { tokenHost: origin }, options })
  await one.getToken({}).catch(() => {})
}
JS
cat >"$folder/ask.py" <<'PY'
import base64, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, unquote_plus

import os
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
from authlib.integrations.requests_client import OAuth2Session as Authlib
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

folder, seen = Path(sys.argv[1]), []
SECRET = "a b+c%2Fd-e"

class Server(BaseHTTPRequestHandler):
    def do_POST(self):
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        authorization = self.headers.get("Authorization", "")
        if authorization:
            seen.append(base64.b64decode(authorization.split()[1]).decode().split(":", 1)[1])
        else:
            seen.append("form " + parse_qs(form)["client_secret"][0])
        body = b'{"error": "invalid_client"}'
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/oauth/token"

def authlib():
    Authlib("app", SECRET, token_endpoint_auth_method="client_secret_basic").fetch_token(url, grant_type="client_credentials")

def requests_oauthlib():
    OAuth2Session(client=BackendApplicationClient("app")).fetch_token(url, client_id="app", client_secret=SECRET)

def run(*command):
    subprocess.run([*map(str, command)], check=True, timeout=60)

asks = {
    "Authlib": authlib,
    "requests-oauthlib": requests_oauthlib,
    "x/oauth2": lambda: run(folder / "go/ask", url, SECRET),
    "openid-client": lambda: run("node", folder / "ask.mjs", "openid-client", url, SECRET),
    "simple-oauth2": lambda: run("node", folder / "ask.mjs", "simple-strict", url, SECRET),
    "simple-oauth2 loose": lambda: run("node", folder / "ask.mjs", "simple-loose", url, SECRET),
}
expected = {
    "Authlib": ["a b+c%2Fd-e"],
    "requests-oauthlib": ["a b+c%2Fd-e"],
    "x/oauth2": ["a+b%2Bc%252Fd-e", "form a b+c%2Fd-e"],
    "openid-client": ["a+b%2Bc%252Fd%2De"],
    "simple-oauth2": ["a+b%2Bc%252Fd-e"],
    "simple-oauth2 loose": ["a b+c%2Fd-e"],
}
found = {}
for name, ask in asks.items():
    seen.clear()
    try:
        ask()
    except Exception as error:
        assert seen, error
    found[name] = list(seen)
    sent = seen[0]
    decoders = [what for what, decode in (("as it is", str), ("unquote", unquote), ("unquote_plus", unquote_plus)) if decode(sent) == SECRET]
    print(f"{name:20} {seen}  right by: {', '.join(decoders) or 'none of them'}")
server.shutdown()
assert found == expected, found
PY
"$folder/venv/bin/python" "$folder/ask.py" "$folder"
