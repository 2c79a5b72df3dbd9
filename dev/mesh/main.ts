import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { clustersFor } from '../../envoy/generate/clusters.ts';
import { routesFor } from '../../envoy/generate/routes.ts';
import { readMesh } from '../../envoy/policy/mesh.ts';
import { scopeOf } from '../../envoy/policy/scope.ts';
import { formatFinding, PolicyError } from '../../envoy/policy/source.ts';

const USAGE = `usage: npm run mesh -- COMMAND
  render INPUT.yaml PROXY.json
      the Envoy clusters and routes that the policy in INPUT.yaml makes for the sidecar of PROXY.json
      ({"namespace": "...", "ip": "...", "labels": {...}})
`;

const proxySchema = z.looseObject({
  namespace: z.string(),
  ip: z.string().optional(),
  labels: z.record(z.string(), z.string()).default({}),
});

function render(input: string, proxyFile: string): void {
  const mesh = readMesh([{ file: input, text: readFileSync(input, 'utf8') }]);
  for (const warning of mesh.warnings) process.stderr.write(`warning: ${formatFinding(warning)}\n`);
  const proxy = proxySchema.parse(JSON.parse(readFileSync(proxyFile, 'utf8')));
  const scope = scopeOf(mesh, { ...proxy, address: proxy.ip });
  process.stdout.write(`${JSON.stringify({ clusters: clustersFor(scope), routes: routesFor(scope) }, null, 1)}\n`);
}

const [command, ...args] = process.argv.slice(2);
const [input, proxy] = args;
if (command === 'render' && input !== undefined && proxy !== undefined) {
  try {
    render(input, proxy);
  } catch (error) {
    process.stderr.write(`${error instanceof PolicyError ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
} else {
  // Loaded only now: render is run for many files, and needs none of this.
  const { runTool, TOOLS } = await import('./commands.ts');
  const tool = TOOLS.find(({ name, accepts }) => name === command && accepts(args));
  if (tool) process.exitCode = await runTool(tool, args);
  else {
    process.stderr.write(`${USAGE}${TOOLS.map(({ usage }) => `  ${usage}\n`).join('')}`);
    process.exitCode = 2;
  }
}
