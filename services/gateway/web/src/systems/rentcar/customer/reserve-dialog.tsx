import type { Car } from '#proto/es/rentcar/car/v1/car_pb.ts';
import { person } from '../../../shell/person.ts';
import { today } from '../../../ui/format.ts';
import { RequestDialog } from '../../../ui/request-dialog.tsx';
import { reservations } from '../clients.ts';
import { at } from '../paths.ts';

/** Reserves one car. */
export function ReserveDialog({ car: { carId, carName }, onClose }: { car: Car; onClose: () => void }) {
  const initial = person.value?.userName ?? '';
  return (
    <RequestDialog
      title={`Reserve ${carName}`}
      fields={[
        { name: 'userName', label: 'Your name', hint: 'Optional', initial, maxLength: 100, autocomplete: 'name' },
        { name: 'reservedDate', label: 'Day', hint: 'Optional', type: 'date', min: today() },
      ]}
      act="Reserve"
      busyAct="Reserving…"
      call={({ userId = '', userName = '', reservedDate = '' }, attempt) =>
        reservations.reserveCar({ carId, userId, userName, reservedDate }, attempt)
      }
      done={`${carName} is reserved.`}
      idName="reservationId"
      idOf={({ reservation }) => reservation?.reservationId}
      pathOf={(id) => at(`reservations/${id}`)}
      see="See the reservation"
      onClose={onClose}
    />
  );
}
