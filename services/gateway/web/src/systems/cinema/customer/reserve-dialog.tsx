import { RequestDialog } from '../../../ui/request-dialog.tsx';
import { reservations } from '../clients.ts';
import { at } from '../paths.ts';
import { type Show, showTime, won } from '../programme.ts';

/** Reserves one ticket. */
export function ReserveDialog({ show, onClose }: { show: Show; onClose: () => void }) {
  return (
    <RequestDialog
      title={`Reserve ${show.cinemaNo}`}
      act="Reserve and pay"
      busyAct="Paying…"
      call={({ userId = '' }, attempt) => reservations.reserveTicket({ ...show, userId }, attempt)}
      done={`A ticket for ${show.cinemaNo} is requested.`}
      idName="reservationId"
      idOf={({ reservation }) => reservation?.reservationId}
      pathOf={(id) => at(`reservations/${id}`)}
      see="See the reservation"
      onClose={onClose}
    >
      <p>
        {showTime(show.time)}, {won(show.price)}
      </p>
    </RequestDialog>
  );
}
