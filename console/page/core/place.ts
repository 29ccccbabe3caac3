import { signal } from '@preact/signals';

/**
 * A place in the console: a view and its parameters. All of it is behind the `#` of the address, which browsers do not
 * send to servers: searches name people.
 */
interface Place {
  readonly view: string;
  readonly params: URLSearchParams;
}

/** The time range, which all views share. */
const TIMES: readonly string[] = ['from', 'to', 'last'];
const KEPT = [...TIMES, 'zone'];

/**
 * The longest address, in characters. The page writes no longer ones, because browsers accept much longer ones but hang
 * for minutes on them.
 */
const LONGEST = 50_000;

/** The current place, from the address. */
export const place = signal<Place>(placeOf(location.hash));

addEventListener('hashchange', () => {
  place.value = placeOf(location.hash);
});

/** Parses the fragment of an address, which anyone can write. */
export function placeOf(hash: string): Place {
  const [path = '', query = ''] = (hash.length > LONGEST ? '#too-long' : hash).replace(/^#?\/?/, '').split('?', 2);
  return { view: path === '' ? 'home' : path, params: new URLSearchParams(query) };
}

/** Parameters of a view. A list repeats the parameter; null and undefined leave it out. */
export type PlaceParams = Readonly<Record<string, string | readonly string[] | null | undefined>>;

/** Returns the address of a view with the current time range, unless `params` has another one. */
export function href(view: string, params: PlaceParams = {}): string {
  const isOfOtherTime = TIMES.some((name) => name in params);
  const kept = KEPT.filter((name) => !(name in params) && !(isOfOtherTime && TIMES.includes(name)));
  const along = kept.flatMap((name): [string, string][] => {
    const value = place.value.params.get(name);
    return value === null ? [] : [[name, value]];
  });
  return addressOf(view, [...along, ...pairsOf(params)]);
}

function pairsOf(params: PlaceParams): [name: string, value: string][] {
  return Object.entries(params).flatMap(([name, value]) => {
    const values = value === undefined || value === null ? [] : typeof value === 'string' ? [value] : value;
    return values.map((each): [string, string] => [name, each]);
  });
}

function addressOf(view: string, params: [name: string, value: string][]): string {
  const query = new URLSearchParams(params).toString();
  return `#/${view === 'home' ? '' : view}${query === '' ? '' : `?${query}`}`;
}

/** Opens a view. With `replacing`, the browser's history gets no new entry. */
export function go(view: string, params: PlaceParams = {}, how: { readonly replacing?: boolean } = {}): void {
  goTo(href(view, params), how);
}

/** Changes parameters of the current place; null removes one. */
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
