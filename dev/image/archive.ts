import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ImageConfig } from './config.ts';

/** Content and metadata of an image. */
export interface ArchiveOptions {
  /** Name with tag. */
  readonly name: string;
  /** One folder per layer, the lowest first. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
  /** Modification time of every file, in seconds since 1970. */
  readonly epoch: number;
}

/** Options of GNU tar that make the archive independent of the owner and the order of the files. */
const REPRODUCIBLE = ['--format=gnu', '--sort=name', '--owner=0', '--group=0', '--numeric-owner'];

/** Docker's names of processors, by Node's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * Packs folders as an image in the format of `docker save`, which `docker load`, `podman load` and `ctr images import` read. The same folders
 * make the same archive.
 *
 * @param target path of the archive, put in place by rename
 * @returns the ID of the image: the digest of its configuration, which contains the digests of its layers
 */
export async function writeArchive(target: string, { name, layers, config, epoch }: ArchiveOptions): Promise<string> {
  const draft = mkdtempSync(join(dirname(target), '.draft-'));
  try {
    const digests: string[] = [];
    for (const layer of layers) {
      const packed = join(draft, 'layer.tar');
      tar(packed, layer, ['.']);
      const digest = await digestOf(packed);
      renameSync(packed, join(draft, `${digest}.tar`));
      digests.push(digest);
    }
    const created = new Date(epoch * 1000).toISOString();
    const image = JSON.stringify({
      architecture: ARCHITECTURES[process.arch] ?? process.arch,
      os: 'linux',
      created,
      config,
      rootfs: { type: 'layers', diff_ids: digests.map((digest) => `sha256:${digest}`) },
      history: digests.map(() => ({ created, created_by: 'npm run image' })),
    });
    const id = createHash('sha256').update(image).digest('hex');
    writeFileSync(join(draft, `${id}.json`), image);
    const manifest = [{ Config: `${id}.json`, RepoTags: [name], Layers: digests.map((digest) => `${digest}.tar`) }];
    writeFileSync(join(draft, 'manifest.json'), JSON.stringify(manifest));
    const members = ['manifest.json', `${id}.json`, ...new Set(digests.map((digest) => `${digest}.tar`))];
    for (const member of members) utimesSync(join(draft, member), epoch, epoch);
    tar(join(draft, 'image.tar'), draft, members);
    renameSync(join(draft, 'image.tar'), target);
    return `sha256:${id}`;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function tar(target: string, folder: string, members: readonly string[]): void {
  execFileSync('tar', [...REPRODUCIBLE, '-cf', target, '-C', folder, ...members]);
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
