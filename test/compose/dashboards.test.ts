import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composePod, composeServices } from '../../dev/compose/layout.ts';
import { root } from '../../dev/paths.mjs';
import { chooseSystems } from '../../dev/systems/systems.ts';
import { eventually } from '../support/eventually.ts';
import { compose } from './support/docker.ts';
import { label, operationsOf, type Span, type Trace, tracesWith, wayTo } from './support/jaeger.ts';
import { query, targets } from './support/prometheus.ts';

const PORT = '18088';
const EDGE = `http://localhost:${PORT}`;

/** For what happens after an answer: spans are sent in batches, events are followed, statistics are read. On a machine that is busy. */
const LATER_MS = 180_000;

Object.assign(process.env, {
  COMPOSE_PROJECT_NAME: 'rentmesh-dashboards',
  RENTMESH_PORT: PORT,
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4317',
  COMPOSE_PROFILES: [...chooseSystems([]).map(({ name }) => name), 'jaeger', 'prometheus'].join(','),
});

beforeAll(async () => {
  await compose('up', '--wait', '--wait-timeout', '550');
});
afterAll(async () => {
  await compose('down', '--volumes', '--timeout', '20');
});

/** A POST of the REST form. Rejects for an error answer. */
async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${EDGE}${path}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return JSON.parse(await answer.text());
}

/** Reserves a new car; with another one where the machine was too busy. @returns the reservation's id */
async function reserve(): Promise<string> {
  return await eventually(
    'a reservation',
    async () => {
      const { carId } = await post('/rentcar/cars', { carName: 'TRACED', qty: 1 });
      return String((await post('/rentcar/reservations', { carId, userId: 'dashboards' })).reservationId);
    },
    LATER_MS,
  );
}

const FOLLOWERS = ['car.rentcar', 'rental.rentcar', 'mypage.rentcar'];

/** The trace of a reservation, when its followers have told of theirs. */
async function traceOf(reservationId: string): Promise<Trace> {
  return await eventually(
    'the trace of the reservation and its events',
    async () => {
      const [trace, ...more] = await tracesWith({ service: 'reservation.rentcar', tags: { 'messaging.kafka.message.key': reservationId } });
      if (trace === undefined) throw new Error('there is none yet');
      expect(more).toEqual([]);
      expect(
        trace
          .filter(isFollower)
          .map(({ service }) => service)
          .toSorted(),
      ).toEqual(FOLLOWERS.toSorted());
      expect(trace.filter(({ parent }) => parent === undefined).map(label)).toEqual(['edge.edge proxy server']);
      return trace;
    },
    LATER_MS,
  );
}

function isFollower({ kind, operation }: Span): boolean {
  return kind === 'consumer' && operation === 'process rentcar.reservation.v1';
}

/** Who made a span, and of which kind, in the order in which a call passes. */
const WAY_OF_A_RESERVATION = [
  'edge.edge proxy server',
  'edge.edge proxy client',
  'reservation.rentcar proxy server',
  'reservation.rentcar server',
  'reservation.rentcar client',
  'reservation.rentcar proxy client',
  'car.rentcar proxy server',
  'car.rentcar server',
];

describe('Jaeger', () => {
  let trace: Trace;

  it('shows one trace of a reservation, from the edge through every sidecar to car, and on through the events to those who follow them', async () => {
    trace = await traceOf(await reserve());
    const atCar = trace.find((span) => label(span) === 'car.rentcar server');
    expect(atCar && wayTo(trace, atCar).map(label)).toEqual(WAY_OF_A_RESERVATION);
    for (const follower of trace.filter(isFollower)) {
      const way = wayTo(trace, follower).map(label);
      expect(way.slice(0, 4)).toEqual(WAY_OF_A_RESERVATION.slice(0, 4));
      expect(way.slice(4)).toEqual(['reservation.rentcar producer', label(follower)]);
    }
  });

  it('shows every span of it below another one, under the name of a call or of an event, and none as failed', () => {
    const ids = new Set(trace.map(({ id }) => id));
    for (const span of trace) {
      expect(span.parent === undefined || ids.has(span.parent), label(span)).toBe(true);
      expect(span.operation).toMatch(/^(?:\/?rentcar\.\w+\.v1\.\w+Service\/\w+|(?:send|process) rentcar\.\w+\.v1)$/);
      expect(span.isError, `${label(span)} ${span.operation}`).toBe(false);
    }
  });

  it('shows where a call has failed, from the service that is not there to the edge', async () => {
    await compose('stop', '--timeout', '20', 'rentcar-rental');
    try {
      expect((await fetch(`${EDGE}/rentcar/rentals`)).status).toBe(503);
      await eventually(
        'the failed trace',
        async () => {
          const [trace] = await tracesWith({ service: 'edge.edge', operation: '/rentcar.rental.v1.RentalService/ListRentals' });
          // The sidecar has a span for each of the edge's tries.
          const failed = new Set(trace?.filter(({ isError }) => isError).map(label));
          expect(failed).toEqual(new Set(['edge.edge proxy server', 'edge.edge proxy client', 'rental.rentcar proxy server']));
        },
        LATER_MS,
      );
    } finally {
      await compose('start', 'rentcar-rental');
    }
  });

  it('lists what was called: not each query as a name of its own, and no checks of health', async () => {
    expect((await fetch(`${EDGE}/nowhere?number=1`)).status).toBe(404);
    await eventually('the name', async () => expect(await operationsOf('edge.edge')).toContain('/nowhere'), LATER_MS);
    expect((await operationsOf('edge.edge')).filter((name) => name.includes('?'))).toEqual([]);
    for (const service of ['gateway.edge', ...FOLLOWERS])
      expect((await operationsOf(service)).filter((name) => name.includes('grpc.health'))).toEqual([]);
  });
});

/** Who calls whom for a reservation, as the dashboard's legends say it. */
const CALLS = ['edge → rentcar/reservation', 'rentcar/reservation → rentcar/car'];

describe('Prometheus', () => {
  it('reads the statistics of every Envoy', async () => {
    const running = new Set(['edge', ...chooseSystems([]).map(({ name }) => name)]);
    const states = composeServices.map((service) => [`${composePod(service).address}:15090`, running.has(service.system) ? 'up' : 'down']);
    const expected = Object.fromEntries([['edge:15090', 'up'], ...states]);
    await eventually('all targets', async () => expect(await targets()).toEqual(expected), LATER_MS);
  });

  it('has an answer to every query of the dashboard: who called whom', async () => {
    await reserve();
    const { panels } = JSON.parse(readFileSync(join(root, 'dev/compose/dashboards/grafana/dashboards/mesh.json'), 'utf8')) as {
      panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
    };
    const asked = panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target })));
    expect(asked.length).toBeGreaterThan(8);
    for (const { title, expr, legendFormat } of asked) {
      const lines = async () =>
        (await query(expr)).map(({ labels }) => legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => labels[name] ?? '?'));
      // Envoy counts failures under names that the first failure makes.
      if (title === 'Errors') await lines();
      else
        await eventually(
          title,
          async () => expect(await lines()).toEqual(expect.arrayContaining(CALLS.map((call) => expect.stringContaining(call)))),
          LATER_MS,
        );
      const shown = await lines();
      expect(new Set(shown).size).toBe(shown.length);
    }
    const [calls] = asked;
    await eventually(
      'calls in the panel of calls',
      async () => {
        await reserve();
        expect((await query(calls?.expr ?? '')).some(({ value }) => value > 0)).toBe(true);
      },
      LATER_MS,
    );
  });
});
