import { useState } from 'preact/hooks';
import { Page } from '../../../shell/page.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { icon } from '../icon.ts';
import { MENU, type MenuItem, won } from '../menu.ts';
import { OrderDialog } from './order-dialog.tsx';

/** Coffees to order. */
export function MenuPage() {
  const [chosen, setChosen] = useState<MenuItem>();
  return (
    <Page title="Menu" lead="Choose a coffee. It is paid at that moment, through the mesh, and made afterwards.">
      <ul class="cards" aria-label="Menu">
        {MENU.map((item) => (
          <li key={item.menuId} class="card">
            <Icon name={icon} />
            <h2>{item.name}</h2>
            <p class="body">
              {item.description} {won(item.price)}
            </p>
            <button type="button" class="act primary" aria-haspopup="dialog" onClick={() => setChosen(item)}>
              Order<span class="unseen"> {item.name}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen !== undefined && <OrderDialog item={chosen} onClose={() => setChosen(undefined)} />}
    </Page>
  );
}
