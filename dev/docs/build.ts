// Builds `openapi.json` and the API page, `page/`, into a folder: `node dev/docs/build.ts <folder>`. dev/bootstrap/docs.mjs runs it when something changed.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document));
cpSync(join(here, 'page'), join(folder, 'page'), { recursive: true });
