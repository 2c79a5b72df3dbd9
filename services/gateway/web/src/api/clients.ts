import { type Client, createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { CarService } from '#proto/es/rentcar/car/v1/car_pb.ts';
import { MypageService } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { RentalService } from '#proto/es/rentcar/rental/v1/rental_pb.ts';
import { ReservationService } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';

/** How long a person waits for an answer, in milliseconds; the services get it as the call's deadline. */
const PATIENCE_MS = 15_000;

/** Calls go to where the page came from, the edge. Methods without side effects are GET requests, which a browser may repeat by itself. */
export const transport = createConnectTransport({ baseUrl: location.origin, useHttpGet: true, defaultTimeoutMs: PATIENCE_MS });

export const cars: Client<typeof CarService> = createClient(CarService, transport);
export const reservations: Client<typeof ReservationService> = createClient(ReservationService, transport);
export const rentals: Client<typeof RentalService> = createClient(RentalService, transport);
export const mypages: Client<typeof MypageService> = createClient(MypageService, transport);
