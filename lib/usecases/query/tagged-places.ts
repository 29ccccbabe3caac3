import type { RecordsWhere } from '../../ports/records.ts';
import { encodedText, tagOf } from './cursor.ts';
import type { Grouping, Members } from './grouped-places.ts';

/** Places that are merged at once where there are too many of them: a request each at least, four of busy ones. */
const GROUP = 200;
/** Characters of a tag. */
const TAG = 7;

interface Tagged {
  readonly tag: string;
  /** What tells those of one tag apart, where several have it. */
  readonly apart: string;
  readonly place: RecordsWhere;
}

/**
 * Places that are all known, in the order of their tags. Names can be searched for that share a tag: a mark is a tag, which
 * stands for whatever has it, or, where a group ends among those of one, the tag and the digest of a place.
 */
export class TaggedPlaces implements Grouping {
  readonly #byTag: ReadonlyMap<string, readonly RecordsWhere[]>;

  constructor(places: readonly RecordsWhere[]) {
    const byTag = Map.groupBy(places, tagOfPlace);
    this.#byTag = new Map([...byTag].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async members(after: string, until: string | undefined): Promise<Members> {
    const behind = (await this.#tagged([after, until ?? ''])).filter((each) => isBehind(each, after));
    const end = until ?? endOf(behind) ?? after;
    const members = behind.filter((each) => !isBehind(each, end));
    return { places: members.map(({ place }) => place), until: end, isLast: members.length === behind.length };
  }

  /** In their order. Digests are made where somebody may ask for them: most tags are one place's. */
  async #tagged(marks: readonly string[]): Promise<readonly Tagged[]> {
    const cut = new Set(marks.filter((mark) => mark.length > TAG).map(tagIn));
    const groups = [...this.#byTag].map(async ([tag, places]) => {
      if (places.length < 2 && !cut.has(tag)) return places.map((place) => ({ tag, apart: '', place }));
      const all = places.map(async (place) => ({ tag, apart: await digestOf(place), place }));
      return (await Promise.all(all)).sort((a, b) => (a.apart < b.apart ? -1 : 1));
    });
    return (await Promise.all(groups)).flat();
  }
}

function tagIn(mark: string): string {
  return mark.slice(0, TAG);
}

function isBehind({ tag, apart }: Tagged, mark: string): boolean {
  if (tag !== tagIn(mark)) return tag > mark;
  return mark.length > TAG && apart > mark.slice(TAG);
}

/** Where a full group ends. Behind the last of a tag comes whatever is new of it later. */
function endOf(behind: readonly Tagged[]): string | undefined {
  const last = behind[GROUP - 1] ?? behind.at(-1);
  return last && (behind[GROUP]?.tag === last.tag ? `${last.tag}${last.apart}` : last.tag);
}

/** Of one length: a text of 32 bits, in which there is nothing of what clients chose. */
function tagOfPlace(place: RecordsWhere): string {
  return tagOf(textOf(place)).padStart(TAG, '0');
}

/** … and one so strong that nobody finds two places of it. */
async function digestOf(place: RecordsWhere): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(textOf(place)));
  return encodedText(String.fromCharCode(...new Uint8Array(bytes).slice(0, 24)));
}

function textOf(place: RecordsWhere): string {
  return JSON.stringify(Object.entries(place).sort());
}
