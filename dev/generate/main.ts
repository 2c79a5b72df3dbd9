// Writes the files that descriptors, contracts and the registry of kinds decide: `npm run generate`.

import { methodsOf } from '../mesh/contracts.ts';
import { readImage } from '../mesh/laptop.ts';
import { root } from '../paths.mjs';
import { systems } from '../systems/systems.ts';
import { generatedFiles, policyFiles, writeFiles } from './files.ts';
import { deployedSystems } from './systems.ts';

const files = generatedFiles(deployedSystems(systems, methodsOf(readImage())), (system) => policyFiles(root, system));
for (const { path, kind } of writeFiles(root, files)) console.log(`  ${kind === 'stale' ? 'deleted' : 'written'}: ${path}`);
