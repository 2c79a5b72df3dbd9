import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { publicImage, servicesOf } from '#kit/rpc/reflection.ts';
import { readImage } from '#kit/rpc/validation.ts';
import { runService } from '#kit/runtime/app.ts';
import { readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { GatewayEntrance } from './entrance.ts';
import { methodsOf } from './rpc/methods.ts';
import { staticHandler } from './static.ts';

const MIB = 1024 * 1024;

const settings = readSettings({
  ...serverSettings,
  /** The largest message of a request, in bytes; what the services take. */
  MAX_REQUEST_BYTES: bytes(4 * MIB),
  /** The largest message of an answer, in bytes, where it is converted; what gRPC clients take. */
  MAX_ANSWER_BYTES: bytes(4 * MIB),
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
      maxRequestBytes: settings.MAX_REQUEST_BYTES,
      maxAnswerBytes: settings.MAX_ANSWER_BYTES,
      pages: staticHandler({ app: generated('web'), docs: generated('docs') }),
      log: app.log,
    }),
  );
});

/** A folder that `npm run generate` makes. */
function generated(name: string): string {
  return fileURLToPath(new URL(`../../gen/${name}`, import.meta.url));
}

function bytes(byDefault: number) {
  const error = 'must be a whole number of bytes, 1 or more';
  return z.coerce.number({ error }).int({ error }).positive({ error }).default(byDefault);
}
