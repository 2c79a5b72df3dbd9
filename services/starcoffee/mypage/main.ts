import { Projection } from '#kit/projection/projection.ts';
import { runService } from '#kit/runtime/app.ts';
import { kafkaSettings, mongoSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { MypageServiceService } from '#proto/starcoffee/mypage/v1/mypage.ts';
import { mypages } from './mypages.ts';
import { mypageService } from './service.ts';

const settings = readSettings({ ...serverSettings, ...mongoSettings, ...kafkaSettings });

await runService('starcoffee/mypage', settings, async (app) => {
  app.serve(MypageServiceService, mypageService(await Projection.open(app, 'starcoffee.mypage', mypages)));
});
