import { type Client, createClient } from '@connectrpc/connect';
import { MakeService } from '#proto/es/starcoffee/make/v1/make_pb.ts';
import { MypageService } from '#proto/es/starcoffee/mypage/v1/mypage_pb.ts';
import { OrderService } from '#proto/es/starcoffee/order/v1/order_pb.ts';
import { PaymentService } from '#proto/es/starcoffee/payment/v1/payment_pb.ts';
import { transport } from '../../api/transport.ts';

export const orders: Client<typeof OrderService> = createClient(OrderService, transport);
export const payments: Client<typeof PaymentService> = createClient(PaymentService, transport);
export const makes: Client<typeof MakeService> = createClient(MakeService, transport);
export const mypages: Client<typeof MypageService> = createClient(MypageService, transport);
