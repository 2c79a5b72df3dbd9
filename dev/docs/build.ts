// Builds the API page into a folder: `node dev/docs/build.ts <folder>`. dev/bootstrap/docs.mjs runs it when something changed.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { root } from '../paths.mjs';
import { readContracts } from './contracts.ts';
import { openApiDocument } from './document.ts';
import { readExamples } from './examples.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('say into which folder: node dev/docs/build.ts <folder>');
const here = import.meta.dirname;
const document = openApiDocument({
  contracts: readContracts(new URL('../../gen/image-with-comments.binpb', import.meta.url)),
  examples: readExamples(join(root, 'proto')),
  version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version,
  introduction: readFileSync(join(here, 'introduction.md'), 'utf8'),
});
// Through JSON, which leaves out what is undefined.
const text = JSON.stringify(document, undefined, 2);
writeFileSync(join(folder, 'openapi.json'), `${text}\n`);
writeFileSync(join(folder, 'openapi.yaml'), stringify(JSON.parse(text), { lineWidth: 120, aliasDuplicateObjects: false }));
cpSync(join(here, 'page'), folder, { recursive: true });
