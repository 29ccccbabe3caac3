import type { RecordsWhere } from '../../ports/records.ts';
import { tagOf } from './cursor.ts';
import type { Grouping, Members } from './grouped-places.ts';

/** Places that are merged at once where there are too many of them: a request each at least, four of busy ones. */
const GROUP = 200;

interface Tagged {
  readonly tag: string;
  readonly place: RecordsWhere;
}

/** Places that are all known, in the order of their tags. */
export class TaggedPlaces implements Grouping {
  readonly #tagged: readonly Tagged[];

  constructor(places: readonly RecordsWhere[]) {
    const tagged = places.map((place) => ({ tag: tagOfPlace(place), place }));
    this.#tagged = tagged.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  }

  async members(after: string, until: string | undefined): Promise<Members> {
    const behind = this.#tagged.filter(({ tag }) => tag > after);
    const end = until ?? behind[GROUP - 1]?.tag ?? behind.at(-1)?.tag ?? after;
    const members = behind.filter(({ tag }) => tag <= end);
    return { places: members.map(({ place }) => place), until: end, isLast: members.length === behind.length };
  }
}

/** Of one length: a text of 32 bits, in which there is nothing of what clients chose. */
function tagOfPlace(place: RecordsWhere): string {
  return tagOf(JSON.stringify(Object.entries(place).sort())).padStart(7, '0');
}
