// Generate asks Istio's own configuration generator what the cases of the conformance tests mean, and writes its answers.
//
//	go run . [-check] [CASE...]
//
// A case is a folder with input.yaml (Istio resources and Kubernetes Services) and proxy.json (the sidecar that asks). The program
// writes expected.json (clusters and routes, reduced to what decides behaviour), or refused.txt with Istio's message if Istio refuses
// the input. With -check it writes nothing, and fails if a file differs.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"istio.io/istio/pkg/log"
)

const (
	defaultCases = "../cases"
	expectedFile = "expected.json"
	refusedFile  = "refused.txt"
)

func main() {
	check := flag.Bool("check", false, "compare with the files instead of writing them")
	flag.Parse()
	for _, scope := range log.Scopes() {
		scope.SetOutputLevel(log.NoneLevel)
	}
	if err := run(flag.Args(), *check); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run generates the files of each case; of all cases if none is named.
func run(cases []string, check bool) error {
	if len(cases) == 0 {
		var err error
		if cases, err = filepath.Glob(filepath.Join(defaultCases, "*")); err != nil {
			return err
		}
	}
	admission, err := newAdmission()
	if err != nil {
		return err
	}
	var failures []error
	for _, folder := range cases {
		name, content, err := answer(folder, admission)
		if err == nil && check {
			err = compare(folder, name, content)
		} else if err == nil {
			err = write(folder, name, content)
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", filepath.Base(folder), err))
		}
	}
	fmt.Printf("%d cases, %d failures\n", len(cases), len(failures))
	return errors.Join(failures...)
}

// answer returns the name and the content of the file that Istio's answer makes.
func answer(folder string, admission *admission) (string, []byte, error) {
	input, err := os.ReadFile(filepath.Join(folder, "input.yaml"))
	if err != nil {
		return "", nil, err
	}
	proxy, err := readProxy(filepath.Join(folder, "proxy.json"))
	if err != nil {
		return "", nil, err
	}
	if refusal := admission.refusal(string(input)); refusal != "" {
		return refusedFile, []byte(refusal + "\n"), nil
	}
	generated, err := generate(string(input), proxy)
	if err != nil {
		return "", nil, err
	}
	content, err := formatJSON(reduce(generated))
	return expectedFile, content, err
}

func compare(folder, name string, content []byte) error {
	present, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	if !bytes.Equal(present, content) {
		return fmt.Errorf("%s differs; Istio says:\n%.400s", name, content)
	}
	return nil
}

// write replaces both files: a case has one of them.
func write(folder, name string, content []byte) error {
	for _, other := range []string{expectedFile, refusedFile} {
		if err := os.Remove(filepath.Join(folder, other)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, name), content, 0o644)
}
