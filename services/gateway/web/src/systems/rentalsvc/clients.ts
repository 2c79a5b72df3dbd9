import { type Client, createClient } from '@connectrpc/connect';
import { BillingService } from '#proto/es/rentalsvc/billing/v1/billing_pb.ts';
import { InventoryService } from '#proto/es/rentalsvc/inventory/v1/inventory_pb.ts';
import { LogisticsService } from '#proto/es/rentalsvc/logistics/v1/logistics_pb.ts';
import { OrderService } from '#proto/es/rentalsvc/order/v1/order_pb.ts';
import { TotalViewService } from '#proto/es/rentalsvc/totalview/v1/totalview_pb.ts';
import { transport } from '../../api/transport.ts';

export const orders: Client<typeof OrderService> = createClient(OrderService, transport);
export const inventories: Client<typeof InventoryService> = createClient(InventoryService, transport);
export const bills: Client<typeof BillingService> = createClient(BillingService, transport);
export const deliveries: Client<typeof LogisticsService> = createClient(LogisticsService, transport);
export const totalViews: Client<typeof TotalViewService> = createClient(TotalViewService, transport);
