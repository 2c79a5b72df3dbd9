import { runService } from '#kit/runtime/app.ts';
import { kafkaSettings, mongoSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { MypageServiceService } from '#proto/rentcar/mypage/v1/mypage.ts';
import { mypagePolicies } from './consumer.ts';
import { mypageService } from './service.ts';
import { MypageStore } from './store.ts';
import { Watches } from './watch.ts';

const settings = readSettings({ ...serverSettings, ...mongoSettings, ...kafkaSettings });

await runService('rentcar.mypage', settings, async (app) => {
  const store = new MypageStore(await app.mongo((db) => new MypageStore(db).createIndexes()));
  const watches = new Watches(store);
  app.serve(MypageServiceService, mypageService(store, watches));
  app.consume({ group: 'rentcar.mypage', handlers: mypagePolicies(store, watches) });
});
