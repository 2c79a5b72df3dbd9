import { Projection } from '#kit/projection/projection.ts';
import { runService } from '#kit/runtime/app.ts';
import { kafkaSettings, mongoSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { TotalViewServiceService } from '#proto/rentalsvc/totalview/v1/totalview.ts';
import { totalViewService } from './service.ts';
import { totalViews } from './totalviews.ts';

const settings = readSettings({ ...serverSettings, ...mongoSettings, ...kafkaSettings });

await runService('rentalsvc/totalview', settings, async (app) => {
  app.serve(TotalViewServiceService, totalViewService(await Projection.open(app, 'rentalsvc.totalview', totalViews)));
});
