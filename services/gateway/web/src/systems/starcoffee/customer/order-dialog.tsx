import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { newAttempt } from '../../../api/attempt.ts';
import { useCall } from '../../../api/use-call.ts';
import { announce } from '../../../shell/announce.tsx';
import { keepPerson, person } from '../../../shell/person.ts';
import { CallForm } from '../../../ui/call-form.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { orders } from '../clients.ts';
import { type MenuItem, won } from '../menu.ts';
import { at } from '../paths.ts';

/** Orders one coffee. All calls of the dialog carry one idempotency key. */
export function OrderDialog({ item, onClose }: { item: MenuItem; onClose: () => void }) {
  const { route } = useLocation();
  const known = person.value;
  const [attempt] = useState(newAttempt);
  const { menuId, name, price } = item;
  const order = useCall(
    // No signal: closing the dialog does not cancel the call. The order is found under My orders.
    async ({ userId = '' }: Readonly<Record<string, string>>) => {
      keepPerson({ userId, userName: known?.userId === userId ? known.userName : '' });
      return await orders.placeOrder({ userId, menuId, price }, attempt);
    },
    (answer) => {
      announce(`${name} is ordered and paid.`);
      route(at(`orders/${answer.order?.orderId}`));
    },
  );
  const { orderId } = order.problem?.about ?? {};
  return (
    <Dialog title={`Order ${name} for ${won(price)}`} onClose={onClose}>
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
        ]}
        act="Order and pay"
        busyAct="Paying…"
        call={order}
        buttons={
          <button type="button" onClick={onClose}>
            {order.problem === undefined ? 'Cancel' : 'Close'}
          </button>
        }
        advice={
          orderId !== undefined && (
            <p>
              <a href={at(`orders/${orderId}`)}>See the order</a>
            </p>
          )
        }
      />
    </Dialog>
  );
}
