import type { ProblemWords } from '../../api/problem.ts';

/** Words for the error reasons of this system. */
export const problems: Readonly<Record<string, ProblemWords>> = {
  PRODUCT_NOT_FOUND: { title: 'This product is not offered.', advice: 'Go back to the list and choose another one.' },
  PRODUCT_EXISTS: {
    title: 'There is a product with this id, with another name or quantity.',
    advice: 'Choose another id.',
  },
  INVENTORY_UNCHECKED: {
    title: 'The inventory could not be checked, so nothing was ordered.',
    advice: 'The inventory service is not answering or the circuit to it is open. Try again in a moment.',
    passing: true,
  },
  NOT_CANCELLABLE: { title: 'This rental can no longer be cancelled.', advice: 'A shortage has cancelled it. Its page shows the refund.' },
  ORDER_NOT_FOUND: { title: 'There is no such rental.', advice: 'Check the address, or open it from My rentals.' },
  BILL_NOT_FOUND: { title: 'There is no such bill.', advice: 'Reload the list.' },
  DELIVERY_NOT_FOUND: { title: 'There is no such delivery.', advice: 'Reload the list.' },
  TOTAL_VIEW_NOT_FOUND: { title: 'Nothing is known of this rental yet.', advice: 'Its first event is on its way.', passing: true },
};
