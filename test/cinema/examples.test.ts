import { beforeAll } from 'vitest';
import { describeExamples } from '../edge/support/examples.ts';
import { runSystem } from '../support/systems.ts';
import { reserve, ticketsAgree } from './support.ts';

beforeAll(() => runSystem('cinema'));

describeExamples(['cinema'], {
  settled: ticketsAgree,
  healed: async () => void (await reserve()),
  unsent: ['ReservationService.CancelReservation/notCancellable'],
});
