#!/usr/bin/env bash
# Traefik 3.7.13 reads a router's rule as an expression of Go, with Go's lexer: what that lets through, and what not.
#
# A rule that YAML writes as a block (`match: |`) ends with its first line, unless that ends in an operator: "&&" at the
# end of a line goes on, "&&" at the beginning of the next one is an error, and the router is left out, so that its host
# is answered with 404. Comments and a comma behind the last argument are fine. A function may be written as documented,
# in lower or in upper case, but in no other mixture. Host compares in lower case; HostRegexp puts the request's host
# into lower case as well, but not the expression: one with a capital letter is accepted, and matches nothing.
#
# Needs Go and compiles Traefik's own muxer (1.5 minutes of processor time). Fails when Traefik reads a rule otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
mkdir ext
printf 'module github.com/traefik/traefik/dynamic/ext\ngo 1.22\n' >ext/go.mod
echo 'package ext' >ext/ext.go
# Replacements and the exclusion are those of Traefik's own go.mod, which a dependent module has to repeat.
cat >go.mod <<'MOD'
module example.test/rules

go 1.25.0

require github.com/traefik/traefik/v3 v3.7.13

replace (
	github.com/abbot/go-http-auth => github.com/containous/go-http-auth v0.4.1-0.20260804094822-b975dcaa8c48
	github.com/gorilla/mux => github.com/containous/mux v0.0.0-20250523120546-41b6ec3aed59
	github.com/traefik/traefik/dynamic/ext => ./ext
)

exclude github.com/tencentcloud/tencentcloud-sdk-go v3.0.83+incompatible
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/traefik/traefik/v3/pkg/middlewares/requestdecorator"
	httpmuxer "github.com/traefik/traefik/v3/pkg/muxer/http"
)

// What becomes of a request to https://a.example/api.
func outcome(parser httpmuxer.SyntaxParser, rule string) string {
	muxer := httpmuxer.NewMuxer(parser, nil)
	taken := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	if err := muxer.AddRoute(rule, "v3", 0, "kubernetescrd", taken); err != nil {
		return "refused"
	}
	answer := httptest.NewRecorder()
	request := httptest.NewRequest("GET", "https://a.example/api", nil)
	requestdecorator.New(nil).ServeHTTP(answer, request, muxer.ServeHTTP)
	if answer.Code == http.StatusNoContent {
		return "matches"
	}
	return "no match"
}

func main() {
	parser, err := httpmuxer.NewSyntaxParser()
	if err != nil {
		panic(err)
	}
	failed := false
	for _, each := range []struct{ rule, expected string }{
		{"Host(`a.example`) && PathPrefix(`/api`)", "matches"},
		{"Host(`a.example`) &&\n  PathPrefix(`/api`)\n", "matches"},
		{"Host(`a.example`)\n  && PathPrefix(`/api`)\n", "refused"},
		{"(Host(`a.example`) || Host(`b.example`)\n)", "refused"},
		{"Host(`a.example`,) /* people */ && PathPrefix(`/api`) // and machines", "matches"},
		{"HOST(`a.example`) && pathprefix(`/api`)", "matches"},
		{"hOsT(`a.example`)", "refused"},
		{"Host(`A.Example`)", "matches"},
		{"HostRegexp(`^A\\.EXAMPLE$`)", "no match"},
		{"HostRegexp(`(?i)^A\\.EXAMPLE$`)", "matches"},
	} {
		seen := outcome(parser, each.rule)
		fmt.Printf("%-8s  %q\n", seen, each.rule)
		failed = failed || seen != each.expected
	}
	if failed {
		os.Exit(1)
	}
}
GO
export GOFLAGS=-mod=mod
go mod tidy 2>/dev/null
go run .
