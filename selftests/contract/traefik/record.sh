#!/usr/bin/env bash
# What Traefik's own code makes of each rule of rules.jsonl: prints that file anew.
#
# Needs Go, and the Go module proxy; compiles Traefik's muxer of both versions (1.5 minutes of CPU each). A mask has an x
# for each of the addresses in the first line that the rule matches, null where Traefik refuses it. Routes are asked as an
# entry point hands them over: with the request decorator that takes the host from the request.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT

# record VERSION NEW-MUXER ADD-ROUTE AUTH-FORK
record() {
    mkdir -p "$folder/$1/ext" && cd "$folder/$1"
    printf 'module github.com/traefik/traefik/dynamic/ext\ngo 1.22\n' >ext/go.mod
    echo 'package ext' >ext/ext.go
    cat >go.mod <<GOMOD
module example.test/rules

go 1.25.0

require github.com/traefik/traefik/v3 v$1

replace (
	github.com/abbot/go-http-auth => github.com/containous/go-http-auth $4
	github.com/gorilla/mux => github.com/containous/mux v0.0.0-20250523120546-41b6ec3aed59
	github.com/mailgun/minheap => github.com/containous/minheap v0.0.0-20190809180810-6e71eb837595
	github.com/traefik/traefik/dynamic/ext => ./ext
)

exclude github.com/tencentcloud/tencentcloud-sdk-go v3.0.83+incompatible
GOMOD
    cat >main.go <<GO
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/traefik/traefik/v3/pkg/middlewares/requestdecorator"
	httpmuxer "github.com/traefik/traefik/v3/pkg/muxer/http"
)

func main() {
	parser, err := httpmuxer.NewSyntaxParser()
	if err != nil {
		panic(err)
	}
	taken := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	var first struct{ URLs []string }
	for lines.Scan() {
		if first.URLs == nil {
			if err := json.Unmarshal(lines.Bytes(), &first); err != nil {
				panic(err)
			}
			continue
		}
		var one struct{ Rule, Syntax string }
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			panic(err)
		}
		muxer := httpmuxer.NewMuxer($2)
		if err := muxer.AddRoute(one.Rule, one.Syntax, 0, $3taken); err != nil {
			fmt.Println("null")
			continue
		}
		mask := ""
		for _, url := range first.URLs {
			answer := httptest.NewRecorder()
			requestdecorator.New(nil).ServeHTTP(answer, httptest.NewRequest("GET", url, nil), muxer.ServeHTTP)
			if answer.Code == http.StatusNoContent {
				mask += "x"
			} else {
				mask += "."
			}
		}
		fmt.Printf("%q\n", mask)
	}
}
GO
    GOFLAGS=-mod=mod go mod tidy >&2 2>/dev/null
    GOFLAGS=-mod=mod go build -o rules .
    ./rules <"$here/rules.jsonl" >"$folder/$1.masks"
}

record 3.6.12 'parser' '' v0.4.1-0.20200324110947-a37a7636d23e
record 3.7.13 'parser, nil' '"kubernetescrd", ' v0.4.1-0.20260804094822-b975dcaa8c48
python3 - "$here/rules.jsonl" "$folder/3.6.12.masks" "$folder/3.7.13.masks" <<'PY'
import json, sys

rules, *masks = (open(path, encoding="utf-8").read().splitlines() for path in sys.argv[1:])
print(rules[0])
for rule, older, newer in zip(rules[1:], *masks, strict=True):
    known = json.loads(rule)
    made = {"rule": known["rule"], "syntax": known["syntax"], "3.6.12": json.loads(older), "3.7.13": json.loads(newer)}
    print(json.dumps(made, ensure_ascii=False))
PY
