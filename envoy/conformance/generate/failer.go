package main

import (
	"fmt"
	"os"
)

// failer stands for the test that Istio's test doubles belong to.
type failer struct{ cleanups []func() }

func (f *failer) Fail()                             { panic("failed") }
func (f *failer) FailNow()                          { panic("failed") }
func (f *failer) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (f *failer) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (f *failer) Log(...any)                        {}
func (f *failer) Logf(string, ...any)               {}
func (f *failer) Helper()                           {}
func (f *failer) Skip(...any)                       {}
func (f *failer) Cleanup(cleanup func())            { f.cleanups = append(f.cleanups, cleanup) }

func (f *failer) TempDir() string {
	folder, err := os.MkdirTemp("", "conformance")
	if err != nil {
		panic(err)
	}
	f.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// cleanUp runs the last cleanup first, as testing.T does.
func (f *failer) cleanUp() {
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
}
