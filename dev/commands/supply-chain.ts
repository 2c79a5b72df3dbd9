// For a maintainer, where the registries of npm and of images can be asked: `npm run supply-chain` checks that no package has a known
// vulnerability of high severity, and that every image is pinned to the digest of its tag. `npm run supply-chain -- pin` writes the digests.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmCli } from '../bootstrap/install.mjs';
import { green, red } from '../bootstrap/lines.mjs';
import { imageFindings } from '../checks/supply-chain.ts';
import { imageDigests, imagesIn, writeImageDigests } from '../generate/images.ts';
import { root } from '../paths.mjs';

/** Asks the registry for the digest of an image, of all its platforms. @throws Error with what Docker says */
function askRegistry(image: string): string {
  const format = '{{.Manifest.Digest}}';
  const { status, stdout, stderr, error } = spawnSync('docker', ['buildx', 'imagetools', 'inspect', '--format', format, image], {
    encoding: 'utf8',
  });
  const digest = stdout?.trim() ?? '';
  if (status !== 0 || !digest.startsWith('sha256:')) throw new Error(`Docker cannot ask for ${image}: ${error?.message ?? stderr}`);
  return digest;
}

function auditPackages(): boolean {
  const { status } = spawnSync(process.execPath, [npmCli(), 'audit', '--audit-level=high'], { cwd: root, stdio: 'inherit' });
  return status === 0;
}

function checkImages(): boolean {
  const findings = imageFindings(imagesIn(readFileSync(join(root, 'docker-compose.yml'), 'utf8')), imageDigests(), askRegistry);
  for (const finding of findings) console.error(`${red('✗')} ${finding}`);
  return findings.length === 0;
}

function pin(): void {
  const images = imagesIn(readFileSync(join(root, 'docker-compose.yml'), 'utf8'));
  writeImageDigests(Object.fromEntries(images.map((image) => [image, askRegistry(image)])));
  console.log(`${green('✓')} ${images.length} images are pinned: run \`npm run generate\`, and commit what changed.`);
}

const [command, ...more] = process.argv.slice(2);
try {
  if (command === 'pin' && more.length === 0) pin();
  else if (command !== undefined) throw new Error('usage: npm run supply-chain [-- pin]');
  else {
    // Both, so that a maintainer sees everything at once.
    const results = [auditPackages(), checkImages()];
    if (results.includes(false)) process.exitCode = 1;
    else console.log(`${green('✓')} No known vulnerability of high severity; every image is pinned.`);
  }
} catch (error) {
  console.error(`${red('✗')} ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
