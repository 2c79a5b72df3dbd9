import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import type { Inventory } from '#proto/es/rentalsvc/inventory/v1/inventory_pb.ts';
import { newAttempt } from '../../../api/attempt.ts';
import { useCall } from '../../../api/use-call.ts';
import { announce } from '../../../shell/announce.tsx';
import { keepPerson, person } from '../../../shell/person.ts';
import { CallForm } from '../../../ui/call-form.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { orders } from '../clients.ts';
import { at } from '../paths.ts';

/** The fee of one piece, in won. */
const FEE = 10_000;

/** Rents one product. All calls of the dialog carry one idempotency key. */
export function RentDialog({ product, onClose }: { product: Inventory; onClose: () => void }) {
  const { productId, productName } = product;
  const { route } = useLocation();
  const known = person.value;
  const [attempt] = useState(newAttempt);
  const rent = useCall(
    // No signal: closing the dialog does not cancel the call. The order is found under My rentals.
    async ({ userId = '', qty }: Readonly<Record<string, string>>) => {
      keepPerson({ userId, userName: known?.userId === userId ? known.userName : '' });
      return await orders.requestRental({ userId, productId, qty: Number(qty), amount: FEE * Number(qty) }, attempt);
    },
    ({ order }) => {
      announce(`${productName} is requested.`);
      route(at(`orders/${order?.orderId}`));
    },
  );
  const { orderId } = rent.problem?.about ?? {};
  return (
    <Dialog title={`Rent ${productName}`} onClose={onClose}>
      <CallForm
        fields={[
          {
            name: 'userId',
            label: 'Your user id',
            hint: 'There is no sign-in: any short text that you will know again',
            initial: known?.userId ?? '',
            required: true,
            maxLength: 100,
            pattern: '.*\\S.*',
          },
          {
            name: 'qty',
            label: 'Quantity',
            hint: 'At 10,000 won each. With more than the stock you see how a shortage is undone',
            type: 'number',
            initial: '1',
            min: '1',
            max: '10000',
            required: true,
          },
        ]}
        act="Rent"
        busyAct="Requesting…"
        call={rent}
        buttons={
          <button type="button" onClick={onClose}>
            {rent.problem === undefined ? 'Cancel' : 'Close'}
          </button>
        }
        advice={
          orderId !== undefined && (
            <p>
              <a href={at(`orders/${orderId}`)}>See the rental</a>
            </p>
          )
        }
      />
    </Dialog>
  );
}
