import { signal } from '@preact/signals';

/**
 * Where in the console somebody is: a view and what it is about. All of it stands behind the `#` of the address, which no
 * server and no log sees: questions name people.
 */
interface Place {
  readonly view: string;
  readonly params: URLSearchParams;
}

/** The parameters that go along from view to view: one time for all of them. */
const TIMES: readonly string[] = ['from', 'to', 'last'];
const KEPT = [...TIMES, 'zone'];

/** In characters: no address that the page writes is so long, and a browser takes a hundred times as much, to draw it for minutes. */
const LONGEST = 50_000;

export const place = signal<Place>(placeOf(location.hash));

addEventListener('hashchange', () => {
  place.value = placeOf(location.hash);
});

export function placeOf(hash: string): Place {
  const [path = '', query = ''] = (hash.length > LONGEST ? '#too-long' : hash).replace(/^#?\/?/, '').split('?', 2);
  return { view: path === '' ? 'home' : path, params: new URLSearchParams(query) };
}

/** What a view is asked about; a list gives the parameter several times, and null or undefined leaves it out. */
export type PlaceParams = Readonly<Record<string, string | readonly string[] | null | undefined>>;

/** The address of a view, with the time that is looked at unless `asked` has another. */
export function href(view: string, asked: PlaceParams = {}): string {
  const isOfOtherTime = TIMES.some((name) => name in asked);
  const kept = KEPT.filter((name) => !(name in asked) && !(isOfOtherTime && TIMES.includes(name)));
  const along = kept.flatMap((name): [string, string][] => {
    const value = place.value.params.get(name);
    return value === null ? [] : [[name, value]];
  });
  return addressOf(view, [...along, ...pairsOf(asked)]);
}

function pairsOf(asked: PlaceParams): [name: string, value: string][] {
  return Object.entries(asked).flatMap(([name, value]) => {
    const values = value === undefined || value === null ? [] : typeof value === 'string' ? [value] : value;
    return values.map((each): [string, string] => [name, each]);
  });
}

function addressOf(view: string, params: [name: string, value: string][]): string {
  const query = new URLSearchParams(params).toString();
  return `#/${view === 'home' ? '' : view}${query === '' ? '' : `?${query}`}`;
}

/** Goes there; `replacing` leaves no step back, for what is changed while one looks. */
export function go(view: string, asked: PlaceParams = {}, how: { readonly replacing?: boolean } = {}): void {
  goTo(href(view, asked), how);
}

/** The place as it is, with some of its parameters changed: `null` takes one away. */
export function change(changes: PlaceParams, how: { readonly replacing?: boolean } = {}): void {
  const { view, params } = place.value;
  const kept = [...params].filter(([name]) => !(name in changes));
  goTo(addressOf(view, [...kept, ...pairsOf(changes)]), how);
}

function goTo(target: string, { replacing = false }: { readonly replacing?: boolean }): void {
  if (target === (location.hash || '#/')) return;
  if (!replacing) {
    location.hash = target;
    return;
  }
  history.replaceState(null, '', target);
  place.value = placeOf(target);
}
