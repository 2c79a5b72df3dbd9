import type { Book } from '#proto/es/rentalbook/book/v1/book_pb.ts';
import { RequestDialog } from '../../../ui/request-dialog.tsx';
import { desk } from '../clients.ts';
import { at } from '../paths.ts';

/** Reserves one book. */
export function ReserveDialog({ book: { bookId, bookNm }, onClose }: { book: Book; onClose: () => void }) {
  return (
    <RequestDialog
      title={`Reserve ${bookNm}`}
      user={{ name: 'userNm', label: 'Your member name' }}
      act="Reserve"
      busyAct="Reserving…"
      call={({ userNm = '' }, attempt) => desk.reserveBook({ bookId, bookNm, userNm }, attempt)}
      done={`${bookNm} is reserved.`}
      idName="reserveId"
      idOf={({ reserve }) => reserve?.reserveId}
      pathOf={(id) => at(`mine/${id}`)}
      see="See the reserve"
      onClose={onClose}
    />
  );
}
