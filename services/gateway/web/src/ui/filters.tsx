import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { announce } from '../shell/announce.tsx';
import { Field } from '../ui/field.tsx';
import { count } from '../ui/format.ts';
import { Select } from '../ui/select.tsx';

interface TextFilter {
  /** Name in the query of the address. */
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

interface FiltersProps {
  /** The address of the page. */
  readonly place: string;
  readonly texts: readonly TextFilter[];
  readonly status: string;
  /** A single option is no filter, and is not shown. */
  readonly statuses: readonly { readonly value: string; readonly name: string }[];
  /** Number of shown items, announced when it changes. */
  readonly found: number | undefined;
}

/** Filters of a list, kept in the query of the address for bookmarks and the browser history. */
export function Filters({ place, texts, status, statuses, found }: FiltersProps) {
  const { route } = useLocation();
  const shown = Object.fromEntries(texts.map(({ name, value }) => [name, value]));
  const [typed, setTyped] = useState(shown);
  // The browser history changes the address, not the typed text.
  const inAddress = JSON.stringify(shown);
  useEffect(() => setTyped(JSON.parse(inAddress)), [inAddress]);
  const filtered = status !== '' || texts.some(({ value }) => value !== '');
  useEffect(() => {
    if (filtered && found !== undefined) announce(`${count(found, 'entry', 'entries')} shown.`);
  }, [found, inAddress, status]);
  const show = (values: Record<string, string>) => {
    const asked = Object.entries(values).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]]));
    const query = new URLSearchParams(asked).toString();
    route(query === '' ? place : `${place}?${query}`);
  };
  return (
    <search>
      <form
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          show({ ...typed, status });
        }}
      >
        {texts.map(({ name, label }) => (
          <Field
            key={name}
            label={label}
            type="search"
            value={typed[name] ?? ''}
            onValue={(value) => setTyped({ ...typed, [name]: value })}
          />
        ))}
        {statuses.length > 1 && (
          <Select label="Status" value={status} options={statuses} onValue={(value) => show({ ...typed, status: value })} />
        )}
        <button type="submit">Filter</button>
        {filtered && (
          <button type="button" class="plain" onClick={() => show({})}>
            Show all
          </button>
        )}
      </form>
    </search>
  );
}
