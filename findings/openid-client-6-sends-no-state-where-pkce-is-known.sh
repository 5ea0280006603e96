#!/usr/bin/env bash
# openid-client 6.9.0 with its Passport strategy: a login has a state only where the server's metadata do not list S256.
#
# A server that lists it (Authentik does) gets a challenge and no state, which RFC 9700 section 2.1 allows; whoever takes a
# login without a state for broken is wrong. What it changes for people: the session holds one verifier, of the login begun
# last. Of two tabs, the one that comes back first hands its code in with the other's verifier, and the server's
# invalid_grant is in the relying party's log; with a state the same two tabs end before anything is asked of the server.
# So invalid_grant there is no sign of a wrong secret, clock or redirect URI.
#
# Needs node and npm. Nothing is sent: the token endpoint is a function. Fails when either server is asked otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type": "module"}' >package.json
npm install --silent --no-audit --no-fund openid-client@6.9.0 passport@0.7.0 >/dev/null
cat >run.mjs <<'JS'
import assert from "node:assert";
import { createHash } from "node:crypto";
import * as client from "openid-client";
import { Strategy } from "openid-client/passport";

const ISSUER = "https://auth.example.org/application/o/app/";
const BACK = "https://app.example.org/callback";

async function twoTabs(methods) {
  const asked = [];
  const server = {
    issuer: ISSUER,
    authorization_endpoint: "https://auth.example.org/application/o/authorize/",
    token_endpoint: "https://auth.example.org/application/o/token/",
    ...(methods && { code_challenge_methods_supported: methods }),
  };
  const config = new client.Configuration(server, "app", "secret");
  config[client.customFetch] = async (url, options) => {
    asked.push(new URLSearchParams(options.body));
    return Response.json({ error: "invalid_grant" }, { status: 400 });
  };
  const strategy = new Strategy({ config, callbackURL: BACK, scope: "openid" }, (_, done) => done(null, {}));
  const session = {};
  const ends = (url) =>
    new Promise((resolve) => {
      const own = Object.create(strategy);
      own.redirect = (to) => resolve(new URL(to).searchParams);
      own.fail = (why) => resolve(`fail: ${why?.message}`);
      own.error = (why) => resolve(`error: ${why.code ?? why.message}`);
      own.success = () => resolve("success");
      own.authenticate({ method: "GET", url, originalUrl: url, headers: { host: "app.example.org" }, protocol: "https", host: "app.example.org", session }, {});
    });
  const [first, second] = [await ends("/login"), await ends("/login")];
  const back = new URLSearchParams({ code: "first", ...(first.has("state") && { state: first.get("state") }) });
  const came = await ends(`/callback?${back}`);
  const challenge = asked.length && createHash("sha256").update(asked[0].get("code_verifier")).digest("base64url");
  const whose = { [first.get("code_challenge")]: "the first's", [second.get("code_challenge")]: "the second's" };
  return { state: first.has("state"), challenge: first.get("code_challenge_method"), came, asked: asked.length, verifier: whose[challenge] ?? "none" };
}

const listed = await twoTabs(["plain", "S256"]), unlisted = await twoTabs();
console.log("openid-client 6.9.0, S256 listed:    ", listed);
console.log("openid-client 6.9.0, S256 not listed:", unlisted);
assert.deepEqual({ ...listed, came: "" }, { state: false, challenge: "S256", came: "", asked: 1, verifier: "the second's" });
assert.deepEqual({ ...unlisted, came: "" }, { state: true, challenge: "S256", came: "", asked: 0, verifier: "none" });
JS
node run.mjs
