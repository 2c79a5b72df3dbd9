// Checks the direction of imports between folders, and that there is no import cycle.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cycleErrors, importGraph, layerErrors } from '../checks/layers.ts';
import { trackedFiles } from '../checks/tracked-files.ts';
import { root } from '../paths.mjs';

// Our own file. Every entry has the form `"#kit/*": "./services/kit/*"`.
const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { imports: Record<string, string> };
const aliases = new Map(Object.entries(imports).map(([from, to]) => [from.replace('*', ''), to.replace('*', '')]));
const graph = importGraph(trackedFiles(/\.(?:ts|tsx|mjs|js)$/), aliases);
const errors = [...layerErrors(graph), ...cycleErrors(graph)];
for (const error of errors) console.log(error);
if (errors.length > 0) process.exitCode = 1;
