import { type Client, createClient } from '@connectrpc/connect';
import { BookService } from '#proto/es/rentalbook/book/v1/book_pb.ts';
import { MypageService } from '#proto/es/rentalbook/mypage/v1/mypage_pb.ts';
import { RentalService } from '#proto/es/rentalbook/rental/v1/rental_pb.ts';
import { SystemService } from '#proto/es/rentalbook/system/v1/system_pb.ts';
import { transport } from '../../api/transport.ts';

export const books: Client<typeof BookService> = createClient(BookService, transport);
export const desk: Client<typeof SystemService> = createClient(SystemService, transport);
export const rentals: Client<typeof RentalService> = createClient(RentalService, transport);
export const mypages: Client<typeof MypageService> = createClient(MypageService, transport);
