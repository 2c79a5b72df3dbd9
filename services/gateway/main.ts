import { runService } from '#kit/app.ts';
import { publicImage, servicesOf } from '#kit/reflection.ts';
import { readSettings, serverSettings } from '#kit/settings.ts';
import { readImage } from '#kit/validation.ts';

const settings = readSettings(serverSettings);

await runService('edge.gateway', settings, async (app) => {
  const image = publicImage(readImage());
  const services = servicesOf(image);
  app.reflect(image);
  // The whole is SERVING when the edge can reach this process; each service answers for itself, through the mesh.
  app.health(async (service, context) => {
    if (service === '') return 'SERVING';
    return services.includes(service) ? await app.peerHealth(service, context) : 'SERVICE_UNKNOWN';
  });
});
