package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	pilotcrd "istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config/crd"
)

// admission refuses what a cluster refuses: by the CustomResourceDefinitions, as the API server does, and by Istio's webhook.
type admission struct {
	schemas *crd.Validator
}

// newAdmission reads the CustomResourceDefinitions of the module istio.io/api.
func newAdmission() (*admission, error) {
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "istio.io/api").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	file := filepath.Join(strings.TrimSpace(string(folder)), "kubernetes", "customresourcedefinitions.gen.yaml")
	schemas, err := crd.NewValidatorFromFilesWithOptions([]string{file}, crd.WithoutCRDValidation())
	if err != nil {
		return nil, err
	}
	// Kubernetes Services have no CustomResourceDefinition.
	schemas.SkipMissing = true
	return &admission{schemas}, nil
}

var (
	object        = regexp.MustCompile(`(?s)^\w+/[\w-]*/[\w-]*: (.*)$`)
	unknownFields = regexp.MustCompile(`^unknown fields \[([^ ]+).*\]$`)
)

// refusal returns why the input is refused; empty if it is not.
func (a *admission) refusal(input string) string {
	policies, _ := split(input)
	for _, policy := range policies {
		if err := a.schemas.ValidateCustomResourceYAML(policy, nil); err != nil {
			return describeSchemaError(err.Error())
		}
	}
	if _, _, err := pilotcrd.ParseInputs(strings.Join(policies, "\n---")); err != nil {
		return err.Error()
	}
	return ""
}

// describeSchemaError removes the list around the error and the name of the object.
func describeSchemaError(text string) string {
	if _, item, found := strings.Cut(text, "* "); found {
		text = strings.TrimSpace(item)
	}
	if found := object.FindStringSubmatch(text); found != nil {
		text = found[1]
	}
	if found := unknownFields.FindStringSubmatch(text); found != nil {
		return fmt.Sprintf("unknown field %q", found[1])
	}
	if strings.Contains(text, "evaluating rule") {
		return "crd cel: " + text
	}
	return "crd: " + text
}
