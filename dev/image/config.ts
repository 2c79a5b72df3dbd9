import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { heapFlags } from '../paths.mjs';
import { NODE, USER } from './machine.ts';
import { APP } from './root.ts';

/** Configuration of an image (OCI image-spec, `config`). A test compares it with the Dockerfile. */
export interface ImageConfig {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Entrypoint: readonly string[];
  readonly Env: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly StopSignal: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/**
 * Returns the configuration of the image.
 *
 * @param revision commit of the sources
 * @param created in ISO 8601
 */
export function imageConfig(repository: string, revision: string, created: string): ImageConfig {
  // Our own file.
  const { description, license, version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as Record<string, string>;
  return {
    User: `${USER.uid}:${USER.uid}`,
    WorkingDir: APP,
    // The container adds the program: services/<system>/<service>/main.ts
    Entrypoint: [NODE, ...heapFlags],
    Env: ['PATH=/usr/local/bin', 'NODE_ENV=production', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt'],
    ExposedPorts: { '50051/tcp': {} },
    StopSignal: 'SIGTERM',
    Labels: {
      'org.opencontainers.image.title': 'rentmesh',
      'org.opencontainers.image.description': description ?? '',
      'org.opencontainers.image.licenses': license ?? '',
      'org.opencontainers.image.version': version ?? '',
      'org.opencontainers.image.revision': revision,
      'org.opencontainers.image.created': created,
    },
  };
}
