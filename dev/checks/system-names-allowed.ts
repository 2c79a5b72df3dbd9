/**
 * Places outside a system's own folders that may name a system, each with its reason. A path that ends in a slash is a folder;
 * `*` stands for any part of a path.
 */
export const SYSTEM_NAMES_ALLOWED: Readonly<Record<string, string>> = {
  '*.md': 'prose explains by the example of a system',
  'dev/checks/system-names-allowed.ts': 'this list',
  'dev/docs/base/': 'generated from the contracts',
  '*.test.ts': 'a test uses one system as its example',
  'dev/mesh/testing.ts': 'the example of the unit tests of dev/mesh',
  'envoy/testing/mesh.ts': 'the example of the unit tests of envoy/',
  'envoy/conformance/cases/': 'inputs and answers of Istio, recorded with one system as the example',
  'proto/rentmesh/observer/v1/observer.examples.yaml': 'the observer has no calls of its own to show: its examples are calls of a system',
  'bench/': 'the figures are those of one system; the others have no benchmark',
  'test/cluster/support/': 'the tests of the cluster use one system as their example',
  'test/mesh/support/': 'the tests of the mesh use one system as their example',
  'test/resilience/support/': 'the tests of the policies use one system as their example',
  'test/soak/': 'the soak loads one system',
  'test/support/doors.ts': 'calls of one system by every protocol; belongs in the test folder of the system',
  'test/support/kafka.ts': 'topics of one system; belongs in the test folder of the system',
  'test/support/rentcar.ts': 'calls of one system, used by the tests of edge, kit and mesh as their example',
  'test/support/sequencer.ts': 'orders test files by their paths',
  'test/support/tested/': 'the callers whose sidecars follow a policy: still one system',
};
