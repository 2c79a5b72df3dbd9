import { useState } from 'preact/hooks';
import { Page } from '../../../shell/page.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { icon } from '../icon.ts';
import { programme, type Show, showTime, won } from '../programme.ts';
import { ReserveDialog } from './reserve-dialog.tsx';

/** The shows on offer. */
export function ProgrammePage() {
  const [chosen, setChosen] = useState<Show>();
  return (
    <Page title="Programme" lead="Choose a show and reserve a ticket. It is paid at that moment, through the mesh.">
      <ul class="cards" aria-label="Shows">
        {programme.map((show) => (
          <li key={`${show.cinemaNo} ${show.time}`} class="card">
            <Icon name={icon} />
            <h2>{show.cinemaNo}</h2>
            <p class="body">
              {showTime(show.time)}
              <br />
              {won(show.price)}
            </p>
            <button type="button" class="act primary" aria-haspopup="dialog" onClick={() => setChosen(show)}>
              Reserve
              <span class="unseen">
                {' '}
                {show.cinemaNo}, {showTime(show.time)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {chosen !== undefined && <ReserveDialog show={chosen} onClose={() => setChosen(undefined)} />}
    </Page>
  );
}
