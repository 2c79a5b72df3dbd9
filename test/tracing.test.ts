import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CollectedSpan, type RunningCollector, startCollector } from './support/collector.ts';
import { eventually } from './support/eventually.ts';
import { collector, control } from './support/instance.ts';
import { type Car, patiently, type Reservation } from './support/rentcar.ts';
import { rest } from './support/rest.ts';

/** Who made a span, and of which kind, in the order in which a call passes: the front of the edge, its way out, a sidecar, a service, … */
const WAY_OF_A_RESERVATION = [
  'edge.edge proxy SERVER',
  'edge.edge proxy CLIENT',
  'reservation.rentcar proxy SERVER',
  'reservation.rentcar SERVER',
  'reservation.rentcar CLIENT',
  'reservation.rentcar proxy CLIENT',
  'car.rentcar proxy SERVER',
  'car.rentcar SERVER',
];

const label = ({ service, isProxy, kind }: CollectedSpan) => `${service}${isProxy ? ' proxy' : ''} ${kind}`;

describe('a trace', () => {
  let running: RunningCollector;
  beforeAll(async () => {
    running = await startCollector(collector);
    // After many failures to connect, grpc-js waits up to two minutes before it tries again; a new process connects at once.
    await Promise.all(
      ['rentcar/reservation-1', 'rentcar/car-1', 'rentcar/rental-1', 'rentcar/mypage-1'].map((name) => control.restart(name)),
    );
  });
  afterAll(() => running.close());

  it('of a reservation leads from the edge through every sidecar to car, and on through the events to those who follow them', async () => {
    const car = await patiently(() => rest<Car>('POST', '/rentcar/cars', { carName: 'TRACED', qty: 1 }));
    const traceId = randomBytes(16).toString('hex');
    const caller = randomBytes(8).toString('hex');
    const wish = { carId: car.carId, userId: 'tracing' };
    await rest<Reservation>('POST', '/rentcar/reservations', wish, { headers: { traceparent: `00-${traceId}-${caller}-01` } });

    await eventually('the spans of the reservation and of its events', () => {
      const spans = running.spans.filter((span) => span.traceId === traceId);
      const reserve = wayTo(spans, (span) => label(span) === 'car.rentcar SERVER');
      expect(reserve.map(label)).toEqual(WAY_OF_A_RESERVATION);
      expect(reserve[0]?.parentSpanId).toBe(caller);
      expect(reserve.at(-1)?.name).toBe('rentcar.car.v1.CarService/CheckUpdateStock');
      const followers = spans.filter(({ kind, name }) => kind === 'CONSUMER' && name === 'process rentcar.reservation.v1');
      expect(new Set(followers.map(({ service }) => service))).toEqual(new Set(['rental.rentcar', 'mypage.rentcar']));
      for (const follower of followers)
        expect(wayTo(spans, (span) => span === follower).map(label)).toContain('reservation.rentcar SERVER');
    });
  });
});

/** The spans from the outermost one to the first that is wanted, by parent. */
function wayTo(spans: readonly CollectedSpan[], wanted: (span: CollectedSpan) => boolean): CollectedSpan[] {
  const way: CollectedSpan[] = [];
  for (let span = spans.find(wanted); span !== undefined; span = spans.find(({ spanId }) => spanId === way[0]?.parentSpanId))
    way.unshift(span);
  return way;
}
