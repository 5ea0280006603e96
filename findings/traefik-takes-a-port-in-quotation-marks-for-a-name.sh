#!/usr/bin/env bash
# Traefik 3.7.13, provider kubernetesCRD: `port: "80"` of an IngressRoute is looked for among the names of a Service's ports.
#
# The CRD takes numbers and text, so that the API server accepts it, and `kubectl get` shows no difference; Traefik finds no
# port of that name and makes no router, so that the host is answered with 404. A template that quotes its values
# (`port: {{ .Values.port | quote }}`) does this. One of two weighted Services with such a port takes the whole route away.
# A port is not needed to exist at an ExternalName Service, if it is a number.
#
# Needs Go and compiles Traefik's own provider (2 minutes of processor time, if nothing is cached), which reads the objects
# from an API server of this script's own at 127.0.0.1. Fails when Traefik makes other routers.
set -euo pipefail
folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
mkdir ext
printf 'module github.com/traefik/traefik/dynamic/ext\ngo 1.22\n' >ext/go.mod
# The Go proxy does not have this module; these types are all that is asked of it, and empty there as well.
cat >ext/ext.go <<'GO'
package ext

type HTTP struct{}

func (in *HTTP) DeepCopyInto(out *HTTP) { *out = *in }

type Router struct{}

func (in *Router) DeepCopyInto(out *Router) { *out = *in }
GO
cat >go.mod <<'MOD'
module example.test/ports

go 1.25.0

require github.com/traefik/traefik/v3 v3.7.13

replace (
	github.com/gorilla/mux => github.com/containous/mux v0.0.0-20250523120546-41b6ec3aed59
	github.com/traefik/traefik/dynamic/ext => ./ext
)

exclude github.com/tencentcloud/tencentcloud-sdk-go v3.0.83+incompatible
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/traefik/traefik/v3/pkg/config/dynamic"
	"github.com/traefik/traefik/v3/pkg/provider/kubernetes/crd"
	"github.com/traefik/traefik/v3/pkg/safe"
)

const about = `"metadata":{"namespace":"shop","name":"%s","resourceVersion":"1"}`

// The services of each route, by the route's name.
var routes = map[string]string{
	"a-number":            `[{"name":"web","port":80}]`,
	"a-name":              `[{"name":"web","port":"http"}]`,
	"a-quoted-number":     `[{"name":"web","port":"80"}]`,
	"one-of-two-quoted":   `[{"name":"web","port":80,"weight":9},{"name":"web","port":"80","weight":1}]`,
	"outside-any-number":  `[{"name":"outside","port":8443}]`,
	"outside-quoted":      `[{"name":"outside","port":"8443"}]`,
}

// What the API calls the lists of what the provider asks for, by what stands in the path.
var kinds = map[string]string{
	"services": "Service", "secrets": "Secret", "configmaps": "ConfigMap", "endpointslices": "EndpointSlice",
	"ingressroutes": "IngressRoute", "ingressroutetcps": "IngressRouteTCP", "ingressrouteudps": "IngressRouteUDP",
	"middlewares": "Middleware", "middlewaretcps": "MiddlewareTCP", "traefikservices": "TraefikService",
	"serverstransports": "ServersTransport", "serverstransporttcps": "ServersTransportTCP",
	"tlsoptions": "TLSOption", "tlsstores": "TLSStore",
}

func services() []string {
	web := `{"apiVersion":"v1","kind":"Service",` + fmt.Sprintf(about, "web") +
		`,"spec":{"clusterIP":"10.0.0.1","ports":[{"name":"http","port":80,"targetPort":8080}]}}`
	outside := `{"apiVersion":"v1","kind":"Service",` + fmt.Sprintf(about, "outside") +
		`,"spec":{"type":"ExternalName","externalName":"shop.example","ports":[{"port":443}]}}`
	return []string{web, outside}
}

func slices() []string {
	return []string{`{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"namespace":"shop","name":"web-1",` +
		`"labels":{"kubernetes.io/service-name":"web"}},"addressType":"IPv4","ports":[{"name":"http","port":8080}],` +
		`"endpoints":[{"addresses":["10.0.0.2"],"conditions":{"ready":true}}]}`}
}

func ingressRoutes() []string {
	var found []string
	for name, services := range routes {
		found = append(found, `{"apiVersion":"traefik.io/v1alpha1","kind":"IngressRoute",`+fmt.Sprintf(about, name)+
			`,"spec":{"routes":[{"kind":"Rule","match":"Host(`+"`"+name+`.example`+"`"+`)","services":`+services+`}]}}`)
	}
	return found
}

// An API server with these objects and no others: a list, or a watch that begins with what is there.
func serve(writer http.ResponseWriter, request *http.Request) {
	parts := strings.Split(request.URL.Path, "/")
	plural := parts[len(parts)-1]
	objects := map[string]func() []string{"services": services, "endpointslices": slices, "ingressroutes": ingressRoutes}
	var items []string
	if listed, ok := objects[plural]; ok {
		items = listed()
	}
	writer.Header().Set("Content-Type", "application/json")
	version := strings.TrimPrefix(strings.TrimPrefix(strings.TrimSuffix(request.URL.Path, "/"+plural), "/apis/"), "/api/")
	if request.URL.Query().Get("watch") == "" {
		fmt.Fprintf(writer, `{"kind":"%sList","apiVersion":"%s","metadata":{"resourceVersion":"1"},"items":[%s]}`,
			kinds[plural], version, strings.Join(items, ","))
		return
	}
	if request.URL.Query().Get("sendInitialEvents") == "true" {
		// Asked for a list by a watch: that this server has none of those is an answer, too.
		writer.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(writer, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Invalid","code":422}`)
		return
	}
	writer.(http.Flusher).Flush()
	<-request.Context().Done()
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	server := httptest.NewServer(http.HandlerFunc(serve))
	provider := crd.Provider{Endpoint: server.URL, Token: "none", AllowExternalNameServices: true, DisableClusterScopeResources: true}
	messages := make(chan dynamic.Message)
	if err := provider.Provide(messages, safe.NewPool(ctx)); err != nil {
		panic(err)
	}
	select {
	case message := <-messages:
		var names []string
		for name := range routes {
			made := "no router"
			for router := range message.Configuration.HTTP.Routers {
				if strings.HasPrefix(router, "shop-"+name+"-") {
					made = "a router"
				}
			}
			names = append(names, name+": "+made)
		}
		sort.Strings(names)
		fmt.Println(strings.Join(names, "\n"))
	case <-ctx.Done():
		fmt.Println("Traefik read nothing within a minute")
		os.Exit(1)
	}
	os.Exit(0)
}
GO
GOFLAGS=-mod=mod go run . 2>log >seen || { tail -20 log; exit 1; }
cat >wanted <<'TEXT'
a-name: a router
a-number: a router
a-quoted-number: no router
one-of-two-quoted: no router
outside-any-number: a router
outside-quoted: no router
TEXT
echo "Traefik 3.7.13:"
cat seen
diff wanted seen
