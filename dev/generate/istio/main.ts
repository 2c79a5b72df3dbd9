// Writes envoy/policy/schema/crds.json from the CustomResourceDefinitions of Istio: `node dev/generate/istio/main.ts`.
// Needs Go, and the network for the first run. Run it after a change of ISTIO_API.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { goModule } from '../../bootstrap/go.mjs';
import { root } from '../../paths.mjs';
import { crdsFile, crdsOf } from './crds.ts';

/** The Go module with the definitions. Its version is that of Istio. */
const ISTIO_API = { module: 'istio.io/api@v1.31.1', sum: 'h1:5Yb5ihcz4YQsCkciusK7DnFpBMwRB6EFWeUKH1Atuyk=', program: '' };

const folder = await goModule(ISTIO_API);
const definitions = readFileSync(join(folder, 'kubernetes', 'customresourcedefinitions.gen.yaml'), 'utf8');
writeFileSync(join(root, 'envoy', 'policy', 'schema', 'crds.json'), crdsFile(crdsOf(definitions)));
