// Checks that no stock was lost or sold twice: `docker compose run --rm check-stock [--wait SECONDS]`.
import { checkStock, waitSeconds } from '../checks/stock-check.ts';
import { composeStores } from './layout.ts';

process.exitCode = await checkStock(composeStores(process.env.DATABASE_PASSWORD ?? ''), waitSeconds(process.argv.slice(2)));
