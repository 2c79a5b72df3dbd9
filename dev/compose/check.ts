// Checks the invariant of systems: `docker compose run --rm check [SYSTEM…] [--wait SECONDS]`.
import { check, checkRequest } from '../checks/check.ts';
import { chooseSystems } from '../systems/systems.ts';
import { composeStores } from './layout.ts';

process.exitCode = await check(checkRequest(process.argv.slice(2), chooseSystems([])), composeStores(process.env.DATABASE_PASSWORD ?? ''));
