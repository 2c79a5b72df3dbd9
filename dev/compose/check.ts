// Checks the invariant of systems: `docker compose run --rm check [SYSTEM…] [--wait SECONDS]`.
import { check, checkRequest } from '../checks/check.ts';
import { systems } from '../systems/systems.ts';
import { composeStores, passwordVariable } from './layout.ts';

// Comma-separated profiles: systems and dashboards.
const profiles = (process.env.SYSTEMS ?? '').split(',');
const running = systems.filter(({ name }) => profiles.includes(name));
const stores = composeStores((role) => process.env[passwordVariable(role)] ?? '');
process.exitCode = await check(checkRequest(process.argv.slice(2), running), stores);
