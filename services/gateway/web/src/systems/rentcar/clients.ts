import { type Client, createClient } from '@connectrpc/connect';
import { CarService } from '#proto/es/rentcar/car/v1/car_pb.ts';
import { MypageService } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { RentalService } from '#proto/es/rentcar/rental/v1/rental_pb.ts';
import { ReservationService } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import { transport } from '../../api/transport.ts';

export const cars: Client<typeof CarService> = createClient(CarService, transport);
export const reservations: Client<typeof ReservationService> = createClient(ReservationService, transport);
export const rentals: Client<typeof RentalService> = createClient(RentalService, transport);
export const mypages: Client<typeof MypageService> = createClient(MypageService, transport);
