#!/usr/bin/env bash
# Gives the objects of each lab (every shape, fault and variant whose routes differ) to a real Traefik, and prints where
# the lab's routers, or the one that takes a request, differ from Traefik's.
#
# Needs Go, the Go module proxy and root (for a network of its own, so that no packet leaves this machine); 8 minutes of
# CPU for the first build in FOLDER, 4 seconds for each lab then. Usage: routers.sh FOLDER [NAME …]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
mkdir -p "$1" && folder=$(cd "$1" && pwd)
shift
cd "$folder"
version=3.7.13

# Modules that the proxy does not have (two forks, an extension, hundreds of DNS providers) stand here as stubs: nothing
# of them takes part in routing.
if [ ! -x traefik ]; then
    mkdir -p ext
    cat >ext/ext.go <<'GO'
package ext

type HTTP struct{}

func (in *HTTP) DeepCopyInto(out *HTTP) { *out = *in }

type Router struct{}

func (in *Router) DeepCopyInto(out *Router) { *out = *in }
GO
    printf 'module github.com/traefik/traefik/dynamic/ext\ngo 1.22\n' >ext/go.mod
    cat >go.mod <<MOD
module example.test/whole

go 1.25.0

require github.com/traefik/traefik/v3 v$version

replace (
	github.com/gorilla/mux => github.com/containous/mux v0.0.0-20250523120546-41b6ec3aed59
	github.com/traefik/traefik/dynamic/ext => ./ext
)

exclude github.com/tencentcloud/tencentcloud-sdk-go v3.0.83+incompatible
MOD
    export GOFLAGS="-mod=mod -buildvcs=false"
    copy() { # MODULE FOLDER: a copy of a required module that may be changed
        go mod download "$1"
        cp -r "$(go list -m -f '{{.Dir}}' "$1")" "$2"
        chmod -R u+w "$2"
        go mod edit -replace "$1=./$2"
    }
    go get github.com/abbot/go-http-auth@v0.4.0
    copy github.com/abbot/go-http-auth auth
    [ -f auth/go.mod ] || printf 'module github.com/abbot/go-http-auth\ngo 1.20\n' >auth/go.mod
    cat >auth/stub.go <<'GO'
package auth

import "net/http"

// CheckSecret refuses: nothing here logs in by it.
func CheckSecret(_, _ string) bool { return false }

// RequireAuthStale asks for a login.
func (a *DigestAuth) RequireAuthStale(w http.ResponseWriter, r *http.Request) { a.RequireAuth(w, r) }
GO
    copy github.com/go-acme/lego/v5 lego
    find lego/providers/dns -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
    cat >lego/providers/dns/zz_gen_dns_providers.go <<'GO'
package dns

import (
	"errors"

	"github.com/go-acme/lego/v5/challenge"
)

// NewDNSChallengeProviderByName knows none.
func NewDNSChallengeProviderByName(_ string) (challenge.Provider, error) {
	return nil, errors.New("no DNS provider is built in")
}
GO
    go build -o traefik github.com/traefik/traefik/v3/cmd/traefik
fi
unshare -n sh -c 'ip link set lo up && cd "$1" && shift && exec "$@"' - \
    "$root" .venv/bin/python -m selftests.contract.traefik.routers "$folder/traefik" "$@"
