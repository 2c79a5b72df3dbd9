import { afterEach, describe, expect, it } from 'vitest';
import * as checks from '../cluster/support/checks.ts';
import { failureOf } from '../support/failure.ts';
import { listAll } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';
import { becomes, RESERVED, reservationsOf, reserve, ticketOf, ticketsAgree, tryReserve } from './support.ts';

const cinema: checks.ClusterSystem = {
  name: 'cinema',
  work: async () => ({ path: '/cinema/reservations', body: ticketOf() }),
  agrees: ticketsAgree,
};

describe('Happy Cinema on a cluster', () => {
  checks.isDeployed(cinema);

  describe('without payment', () => {
    afterEach(() => tested.control.start('payment-1'));

    it('a reservation is UNAVAILABLE and leaves no payment and no booking; it succeeds when payment is back', async () => {
      const ticket = ticketOf();
      await tested.control.stop('payment-1');
      expect(await failureOf(tryReserve(ticket))).toMatchObject({ code: 'UNAVAILABLE', httpStatus: 503 });
      // Istio's sidecars do not tell that a call was never sent, so its outcome counts as unknown.
      const [rejected, ...others] = await reservationsOf(ticket.userId);
      expect([rejected?.status, others]).toEqual(['REJECTED', []]);
      expect(await listAll('/cinema/bookings', 'bookings', { reservation_id: rejected?.reservationId ?? '' })).toEqual([]);
      await tested.control.start('payment-1');
      const { reservationId } = await reserve(ticket);
      await becomes(reservationId, RESERVED);
      await ticketsAgree();
    });
  });

  checks.opensItsCircuit(cinema, {
    front: 'reservation',
    callee: 'payment',
    method: 'cinema.payment.v1.PaymentService/CompletePayment',
    delayMs: [200, 420],
  });
  checks.updatesUnnoticed(cinema, ['cinema/reservation', 'cinema/payment'], [{ users: 100, seconds: 80, pauseMs: 4000 }]);
  checks.needsItsConfigMap(cinema, 'reservation');
  checks.restartsOnWrongLivenessPort(cinema, 'reservation');
  checks.autoscales(cinema, { name: 'reservation', maxReplicas: 10, users: 8 });
});
