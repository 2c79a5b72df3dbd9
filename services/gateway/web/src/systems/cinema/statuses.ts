import { Booking_Status } from '#proto/es/cinema/cinema/v1/cinema_pb.ts';
import { Information_Status } from '#proto/es/cinema/information/v1/information_pb.ts';
import { Payment_Status } from '#proto/es/cinema/payment/v1/payment_pb.ts';
import { Reservation_Status } from '#proto/es/cinema/reservation/v1/reservation_pb.ts';
import { type StatusWord, unknownStatus } from '../../ui/status.tsx';
import type { Step } from '../../ui/steps.tsx';

const informationWords: Readonly<Record<Information_Status, StatusWord>> = {
  [Information_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Information_Status.REQUESTED]: { name: 'Requested', tone: 'waiting', meaning: 'The ticket is requested and paid.' },
  [Information_Status.PAID]: { name: 'Paid', tone: 'waiting', meaning: 'The ticket is paid. The cinema has not accepted it yet.' },
  [Information_Status.RESERVED]: { name: 'Reserved', tone: 'good', meaning: 'The cinema has accepted the ticket. Enjoy the film.' },
  [Information_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The reservation is cancelled. The refund follows.' },
  [Information_Status.REFUNDED]: { name: 'Refunded', tone: 'over', meaning: 'The reservation is cancelled, and the money is back.' },
};

const reservationWords: Readonly<Record<Reservation_Status, StatusWord>> = {
  [Reservation_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Reservation_Status.REQUESTED]: { name: 'Requested', tone: 'waiting', meaning: 'It is paid; the cinema has not accepted it yet.' },
  [Reservation_Status.REJECTED]: { name: 'Rejected', tone: 'bad', meaning: 'The payment could not be checked, and is refunded.' },
  [Reservation_Status.RESERVED]: { name: 'Reserved', tone: 'good', meaning: 'The cinema has accepted it.' },
  [Reservation_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The customer cancelled.' },
};

const paymentWords: Readonly<Record<Payment_Status, StatusWord>> = {
  [Payment_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Payment_Status.COMPLETED]: { name: 'Completed', tone: 'good', meaning: 'The customer has paid.' },
  [Payment_Status.REFUNDED]: { name: 'Refunded', tone: 'off', meaning: 'The customer has the money back.' },
};

const bookingWords: Readonly<Record<Booking_Status, StatusWord>> = {
  [Booking_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Booking_Status.RESERVED]: { name: 'Reserved', tone: 'good', meaning: 'The cinema has accepted the ticket.' },
  [Booking_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The payment was refunded.' },
};

/** Returns the words for a status of the view. */
export const wordOfInformation = (status: Information_Status): StatusWord => informationWords[status] ?? unknownStatus;

/** Returns the words for a status of a reservation. */
export const wordOfReservation = (status: Reservation_Status): StatusWord => reservationWords[status] ?? unknownStatus;

/** Returns the words for a status of a payment. */
export const wordOfPayment = (status: Payment_Status): StatusWord => paymentWords[status] ?? unknownStatus;

/** Returns the words for a status of a booking. */
export const wordOfBooking = (status: Booking_Status): StatusWord => bookingWords[status] ?? unknownStatus;

const paid = { name: 'Paid', behind: 'The reservation service asked payment to complete the payment, by gRPC through the mesh.' };
const reserved = { name: 'Reserved', behind: 'The cinema reads PaymentCompleted from Kafka and accepts the booking: BookingAccepted.' };
const cancelled = { name: 'Cancelled', behind: 'The reservation service stores the cancellation: ReservationCancelled.' };
const refunded = { name: 'Refunded', behind: 'Payment gives the money back, and the cinema cancels the booking: PaymentRefunded.' };

/** Returns the steps of a reservation. */
export function stepsOf(status: Information_Status): readonly Step[] {
  switch (status) {
    case Information_Status.RESERVED:
      return [
        { ...paid, state: 'done' },
        { ...reserved, state: 'done' },
      ];
    case Information_Status.CANCELLED:
      return [
        { ...paid, state: 'done' },
        { ...cancelled, state: 'done' },
        { ...refunded, state: 'now' },
      ];
    case Information_Status.REFUNDED:
      return [paid, cancelled, refunded].map((step) => ({ ...step, state: 'done' as const }));
    default:
      return [
        { ...paid, state: 'done' },
        { ...reserved, state: 'now' },
      ];
  }
}

/** Whether a reservation does not change any more. */
export function isOver(status: Information_Status): boolean {
  return status === Information_Status.REFUNDED;
}
