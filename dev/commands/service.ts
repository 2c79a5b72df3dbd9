// Stops, starts, restarts, kills, scales or faults a service.
import { type Control, controlClient, NotRunning } from '../laptop/control.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';

const usage = `usage: npm run service -- stop|start|restart|kill NAME     one process, or all replicas of a service: \`npm run status\` shows
                                                            the names, of which the part behind the slash may do
       npm run service -- scale SERVICE REPLICAS            until the system is stopped
       npm run service -- fault NAME FAULTS|off             makes it slow or wrong, e.g. '{"delayMsMin":800,"delayMsMax":1100}'
                                                            (also errorRate, errorCode, resetRate, methods: proto/rentmesh/fault/v1)`;

/** Does what the arguments ask. @returns what to say, undefined if they ask for nothing that there is */
async function perform(control: Control, [action, name, value]: readonly string[]): Promise<string | undefined> {
  if (name === undefined) return undefined;
  switch (action) {
    case 'stop':
      await control.stop(name);
      return `${name} is stopped.`;
    case 'start':
    case 'restart':
      await control[action](name);
      return `${name} is ready.`;
    case 'kill':
      await control.kill(name);
      return `${name} was killed; it comes back by itself.`;
    case 'scale': {
      if (value === undefined || !/^\d+$/.test(value)) return undefined;
      await control.scale(name, Number(value));
      return `${name} has ${value} ${value === '1' ? 'replica' : 'replicas'}.`;
    }
    case 'fault': {
      if (value === undefined) return undefined;
      // Loaded only where it is used: it needs the packages and the contracts, which are there as soon as a system runs.
      await control.status();
      const { faultsFromJson, setFaults } = await import('../laptop/faults.ts');
      const names = await setFaults(control, name, value === 'off' ? {} : faultsFromJson(value));
      return value === 'off'
        ? `No faults any more: ${names.join(', ')}.`
        : `Faulted until a restart or \`fault ${name} off\`: ${names.join(', ')}.`;
    }
    default:
      return undefined;
  }
}

try {
  const said = await perform(controlClient(topologyFromEnvironment().state.socket), process.argv.slice(2));
  if (said === undefined) {
    console.error(usage);
    process.exitCode = 2;
  } else console.log(said);
} catch (error) {
  console.error(error instanceof NotRunning || error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
