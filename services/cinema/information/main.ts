import { Projection } from '#kit/projection/projection.ts';
import { runService } from '#kit/runtime/app.ts';
import { kafkaSettings, mongoSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { InformationServiceService } from '#proto/cinema/information/v1/information.ts';
import { informations } from './informations.ts';
import { informationService } from './service.ts';

const settings = readSettings({ ...serverSettings, ...mongoSettings, ...kafkaSettings });

await runService('cinema/information', settings, async (app) => {
  app.serve(InformationServiceService, informationService(await Projection.open(app, 'cinema.information', informations)));
});
