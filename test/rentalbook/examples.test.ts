import { beforeAll } from 'vitest';
import { describeExamples } from '../edge/support/examples.ts';
import { patiently } from '../support/patiently.ts';
import { runSystem } from '../support/systems.ts';
import * as library from './support.ts';

beforeAll(() => runSystem('rentalbook'));

describeExamples(['rentalbook'], {
  settled: library.libraryAgrees,
  // Until system answers, and the circuit of returning is closed.
  healed: async () => {
    const member = library.memberOf(await library.register());
    await library.reserve(member);
    const { rentalId } = await library.rent(member);
    await library.rentalBecomes(rentalId, { status: 'CONFIRMED' });
    await patiently(() => library.tryReturn(rentalId));
  },
  unsent: [],
});
