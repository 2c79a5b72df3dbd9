// Writes the configuration of the edge's Envoy on a cluster: `node envoy/edge/main.ts FOLDER`. It runs in the edge's pod before Envoy.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatJson, writeAtomically } from '../sidecar/files.ts';
import { publicImage } from './image.ts';
import { edgeSettings, offersPackage } from './settings.ts';
import { standaloneEdge } from './standalone.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('the folder to write to has to be given');
const settings = edgeSettings();
const contracts = readFileSync(fileURLToPath(new URL('../../gen/image.binpb', import.meta.url)));
const image = publicImage(contracts, (protoPackage) => offersPackage(settings, protoPackage));
const imageFile = writeAtomically(folder, 'image.binpb', image.bytes);
process.stdout.write(`${writeAtomically(folder, 'bootstrap.json', formatJson(standaloneEdge({ image, imageFile, settings })))}\n`);
