import { type Client, createClient } from '@connectrpc/connect';
import { CinemaService } from '#proto/es/cinema/cinema/v1/cinema_pb.ts';
import { InformationService } from '#proto/es/cinema/information/v1/information_pb.ts';
import { PaymentService } from '#proto/es/cinema/payment/v1/payment_pb.ts';
import { ReservationService } from '#proto/es/cinema/reservation/v1/reservation_pb.ts';
import { transport } from '../../api/transport.ts';

export const reservations: Client<typeof ReservationService> = createClient(ReservationService, transport);
export const payments: Client<typeof PaymentService> = createClient(PaymentService, transport);
export const bookings: Client<typeof CinemaService> = createClient(CinemaService, transport);
export const informations: Client<typeof InformationService> = createClient(InformationService, transport);
