import { Store } from '#kit/postgres/store.ts';
import { runService } from '#kit/runtime/app.ts';
import { databaseSettings, kafkaSettings, readSettings, serverSettings } from '#kit/runtime/settings.ts';
import { BookServiceService } from '#proto/rentalbook/book/v1/book.ts';
import { bookHandlers } from './handlers.ts';
import { bookService } from './service.ts';
import { bookTable } from './store.ts';

const settings = readSettings({ ...serverSettings, ...databaseSettings, ...kafkaSettings });

await runService('rentalbook/book', settings, async (app) => {
  const database = await app.database(new URL('./migrations', import.meta.url));
  const books = new Store(database, bookTable);
  app.serve(BookServiceService, bookService(books));
  app.outbox(database);
  app.consume({ group: 'rentalbook.book', handlers: bookHandlers(books), database });
});
