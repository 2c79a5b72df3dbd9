import { Make_Status } from '#proto/es/starcoffee/make/v1/make_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { makes } from '../clients.ts';
import { icon } from '../icon.ts';
import { coffeeName } from '../menu.ts';
import { at } from '../paths.ts';
import { wordOfMake } from '../statuses.ts';

const statuses = choices(Make_Status.STATUS_UNSPECIFIED, {
  MAKING: [Make_Status.MAKING, 'Being made'],
  MADE: [Make_Status.MADE, 'Made'],
  CANCELLED: [Make_Status.CANCELLED, 'Cancelled'],
});

/** All coffees. */
export function MakesPage() {
  return (
    <Page title="Coffees" lead="An event begins a coffee for every payment. A cancellation that comes in time stops it.">
      <EntityList
        place={at('staff/makes')}
        caption="Coffees"
        icon={icon}
        texts={{ order: 'Order id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const page = await makes.listMakes({ pageToken, status, orderId: texts.order ?? '' }, { signal });
          return { items: page.makes, nextPageToken: page.nextPageToken };
        }}
        columns={['Coffee', 'Customer', 'Begun', 'Changed', 'Status']}
        row={({ makeId, orderId, menuId, userId, createTime, updateTime, status }) => {
          const word = wordOfMake(status);
          return (
            <TableRow key={makeId} status={status}>
              <th scope="row">
                <a href={at(`orders/${orderId}`)}>{coffeeName(menuId)}</a>
              </th>
              <td data-label="Customer">{userId}</td>
              <td data-label="Begun">{moment(createTime)}</td>
              <td data-label="Changed">{moment(updateTime)}</td>
              <td data-label="Status">
                <Status tone={word.tone}>{word.name}</Status>
              </td>
            </TableRow>
          );
        }}
        empty={<NoCoffee />}
        noMatch="No coffee is like this"
      />
    </Page>
  );
}

function NoCoffee() {
  return (
    <Empty icon={icon} title="No coffee was begun">
      <p>
        Coffees follow from payments: <a href={at()}>order one</a>. It appears within a second, or later if the make service is stopped:
      </p>
      <Command>npm run service -- stop starcoffee/make-1</Command>
    </Empty>
  );
}
