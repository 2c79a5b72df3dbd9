import { fileURLToPath } from 'node:url';
import { publicImage, readCommentedImage, readImage, servicesOf } from '#kit/rpc/contracts.ts';
import { runService } from '#kit/runtime/app.ts';
import { count, optional, readSettings, serverSettings, text } from '#kit/runtime/settings.ts';
import { GatewayServer } from './front-server.ts';
import { methodsOf } from './rpc/methods.ts';
import { staticHandler } from './static-handler.ts';
import { PLATFORM, runningSystems, splitNames, systemOf } from './systems.ts';

const MIB = 1024 * 1024;

const settings = readSettings({
  ...serverSettings,
  /** Limit of a request message in bytes, as in the services. */
  MAX_REQUEST_BYTES: count(4 * MIB, ' of bytes'),
  /** Limit of a converted response message in bytes, as in gRPC clients. */
  MAX_RESPONSE_BYTES: count(4 * MIB, ' of bytes'),
  /** Names of the running systems, separated by commas. Other names are ignored. Default: all systems of the contracts. */
  SYSTEMS: optional(text('must be a text', /./)),
  /** A file with the names of the running systems, for a choice that changes at run time. Wins over SYSTEMS while the file exists. */
  SYSTEMS_FILE: optional(text('must be a text', /./)),
});

await runService('edge/gateway', settings, async (app) => {
  const image = publicImage(readImage());
  const services = servicesOf(image);
  const running = runningSystems({
    file: settings.SYSTEMS_FILE,
    names: settings.SYSTEMS === undefined ? undefined : splitNames(settings.SYSTEMS),
    all: services.map(systemOf).filter((name) => name !== PLATFORM),
  });
  const isRunning = (name: string) => [PLATFORM, ...running()].includes(systemOf(name));
  app.reflect({ image: () => publicImage(readCommentedImage()), services: () => services.filter(isRunning) });
  // The empty name stands for this process. Services report their own health through the mesh.
  app.health(async (service, context) => {
    if (service === '') return 'SERVING';
    return services.includes(service) && isRunning(service) ? await app.peerHealth(service, context) : 'SERVICE_UNKNOWN';
  });
  const pages = { app: generated('web'), docs: generated('docs/page'), document: generated('docs/openapi.json') };
  app.behind(
    new GatewayServer({
      methods: methodsOf(image),
      serves: (path) => isRunning(path.slice(1)),
      proxy: settings.OUTBOUND_PROXY,
      maxRequestBytes: settings.MAX_REQUEST_BYTES,
      maxResponseBytes: settings.MAX_RESPONSE_BYTES,
      pages: staticHandler(pages, running),
      log: app.log,
    }),
  );
});

/** A file or folder that `npm run generate` builds. */
function generated(name: string): string {
  return fileURLToPath(new URL(`../../gen/${name}`, import.meta.url));
}
