import { onEvent, type ProjectionSpec } from '#kit/projection/projection.ts';
import { BookingAccepted } from '#proto/cinema/cinema/v1/events.ts';
import { type Information, Information_Status as Status } from '#proto/cinema/information/v1/information.ts';
import { PaymentCompleted, PaymentRefunded } from '#proto/cinema/payment/v1/events.ts';
import { ReservationCancelled, TicketRequested, TicketReserved } from '#proto/cinema/reservation/v1/events.ts';

/** Types of the projection. */
export interface InformationShape {
  readonly key: 'reservationId';
  readonly details: Pick<Information, 'userId' | 'cinemaNo' | 'time' | 'price'>;
  readonly status: Status;
  readonly view: Information;
}

const set = ['userId', 'cinemaNo', 'time', 'price'] as const;
const reservation = { source: 'reservation', set } as const;
const payment = { source: 'payment', set } as const;
const booking = { source: 'booking', set } as const;

/**
 * How events change the view of a reservation: the greatest status counts. Each event has all details. BookingCancelled follows
 * the refund and shows nothing more.
 */
export const informations: ProjectionSpec<InformationShape> = {
  collection: 'informations',
  key: 'reservationId',
  unknownReason: 'INFORMATION_NOT_FOUND',
  filters: ['userId', 'status'],
  history: true,
  events: [
    onEvent(TicketRequested, { ...reservation, status: Status.REQUESTED }),
    onEvent(PaymentCompleted, { ...payment, status: Status.PAID }),
    onEvent(BookingAccepted, { ...booking, status: Status.RESERVED }),
    onEvent(TicketReserved, { ...reservation, status: Status.RESERVED }),
    onEvent(ReservationCancelled, { ...reservation, status: Status.CANCELLED }),
    onEvent(PaymentRefunded, { ...payment, status: Status.REFUNDED }),
  ],
  toView: ({ key, status, details, updateTime, states }) => {
    return { reservationId: key, userId: '', cinemaNo: '', time: '', price: 0, ...details, status, history: [...states], updateTime };
  },
};
