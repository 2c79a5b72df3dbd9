import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runService } from '#kit/app.ts';
import { publicImage, servicesOf } from '#kit/reflection.ts';
import { readSettings, serverSettings } from '#kit/settings.ts';
import { readImage } from '#kit/validation.ts';
import { GatewayEntrance } from './entrance.ts';
import { methodsOf } from './rpc/methods.ts';
import { staticHandler } from './static.ts';

const BYTES = 'must be a whole number of bytes, 1 or more';

const settings = readSettings({
  ...serverSettings,
  /** The largest message of a call, in bytes; 4 MiB, which is also what the services take. */
  MAX_MESSAGE_BYTES: z.coerce
    .number({ error: BYTES })
    .int({ error: BYTES })
    .positive({ error: BYTES })
    .default(4 * 1024 * 1024),
});

await runService('edge.gateway', settings, async (app) => {
  const image = publicImage(readImage());
  const services = servicesOf(image);
  app.reflect(image);
  // The whole is SERVING when the edge can reach this process; each service answers for itself, through the mesh.
  app.health(async (service, context) => {
    if (service === '') return 'SERVING';
    return services.includes(service) ? await app.peerHealth(service, context) : 'SERVICE_UNKNOWN';
  });
  app.behind(
    new GatewayEntrance({
      methods: methodsOf(image),
      proxy: settings.OUTBOUND_PROXY,
      maxMessageBytes: settings.MAX_MESSAGE_BYTES,
      pages: staticHandler({ app: generated('web'), docs: generated('docs') }),
      log: app.log,
    }),
  );
});

/** A folder that `npm run generate` makes. */
function generated(name: string): string {
  return fileURLToPath(new URL(`../../gen/${name}`, import.meta.url));
}
