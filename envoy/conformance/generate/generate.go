package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pilot/test/xds"
)

const (
	istioVersion = "1.31.0"
	domain       = "cluster.local"
)

// proxySpec is the sidecar that asks.
type proxySpec struct {
	Namespace string            `json:"namespace"`
	IP        string            `json:"ip"`
	Labels    map[string]string `json:"labels"`
}

// configuration is what Istio generates for a sidecar, as protobuf-JSON with the names of the .proto files.
type configuration struct {
	clusters []message
	routes   []message
}

type message = map[string]any

func readProxy(file string) (proxySpec, error) {
	var proxy proxySpec
	text, err := os.ReadFile(file)
	if err != nil {
		return proxy, err
	}
	return proxy, json.Unmarshal(text, &proxy)
}

// split separates Istio's resources from Kubernetes objects.
func split(input string) (policies, objects []string) {
	for _, document := range strings.Split("\n"+input, "\n---") {
		var head struct {
			APIVersion string `json:"apiVersion"`
		}
		switch {
		case strings.TrimSpace(document) == "":
		case yaml.Unmarshal([]byte(document), &head) == nil && head.APIVersion == "v1":
			objects = append(objects, document)
		default:
			policies = append(policies, document)
		}
	}
	return policies, objects
}

// generate runs Istio's generator. Istio's test doubles report failures by panics.
func generate(input string, spec proxySpec) (generated configuration, err error) {
	test := &failer{}
	defer test.cleanUp()
	defer func() {
		if failure := recover(); failure != nil {
			err = fmt.Errorf("%v", failure)
		}
	}()
	generator, err := newGenerator(test, input)
	if err != nil {
		return configuration{}, err
	}
	proxy := generator.SetupProxy(&model.Proxy{
		ConfigNamespace: spec.Namespace,
		IPAddresses:     []string{spec.IP},
		ID:              "app." + spec.Namespace,
		Labels:          spec.Labels,
		Metadata:        &model.NodeMetadata{Namespace: spec.Namespace, Labels: spec.Labels, IstioVersion: istioVersion},
	})
	return configuration{clusters: messages(generator.Clusters(proxy)), routes: messages(generator.Routes(proxy))}, nil
}

// newGenerator gives Kubernetes objects to Istio's Kubernetes registry, and reads everything else as Istio's configuration. Without
// Kubernetes objects the configuration has no domain, as from a source that is not a cluster.
func newGenerator(test *failer, input string) (*core.ConfigGenTest, error) {
	policies, objects := split(input)
	if len(objects) == 0 {
		return core.NewConfigGenTest(test, core.TestOptions{ConfigString: input}), nil
	}
	configs, _, err := crd.ParseInputs(strings.Join(policies, "\n---"))
	if err != nil {
		return nil, err
	}
	for i := range configs {
		configs[i].Domain = domain
	}
	options := xds.FakeOptions{Configs: configs, KubernetesObjectString: strings.Join(objects, "\n---")}
	return xds.NewFakeDiscoveryServer(test, options).ConfigGenTest, nil
}

func messages[T proto.Message](list []T) []message {
	converted := make([]message, 0, len(list))
	for _, each := range list {
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(each)
		if err != nil {
			panic(err)
		}
		var value message
		if err := json.Unmarshal(text, &value); err != nil {
			panic(err)
		}
		converted = append(converted, value)
	}
	return converted
}
