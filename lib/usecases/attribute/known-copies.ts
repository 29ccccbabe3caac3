import {
  type CopyContent,
  copyContent,
  copyPlace,
  isConflict,
  recordIdentity,
  statesAll,
} from '../../attribution/copies.ts';
import { type RecordHead, recordHead } from '../../attribution/record.ts';
import type { IssuedToken } from '../../audit/issued-token.ts';
import type { EventSource } from '../../ports/input.ts';
import { type Digest, SeenEvents } from './seen-events.ts';

/**
 * What becomes of an event: a record, a record with the flag for conflicting copies, or nothing. Nothing means that
 * another copy states all of it.
 */
export type CopyVerdict = 'record' | 'conflicting' | 'left-out';

/** The copies of events that differ in content, by the digests of their places. Nearly all inputs have none. */
export class KnownCopies {
  /** Whether some event may come more than once. */
  readonly mayRepeat: boolean;
  readonly #differing: ReadonlyMap<string, readonly CopyContent[]>;
  readonly #digest: Digest;

  /** @param differing the copies. Absent if no event comes more than once. */
  constructor(digest: Digest, differing?: ReadonlyMap<string, readonly CopyContent[]>) {
    this.#digest = digest;
    this.#differing = differing ?? new Map();
    this.mayRepeat = differing !== undefined;
  }

  verdictOn(head: RecordHead): CopyVerdict {
    if (this.#differing.size === 0) return 'record';
    const copies = this.#differing.get(this.#digest(copyPlace(head)));
    if (copies === undefined) return 'record';
    const content = copyContent(head);
    const isLeaner = copies.some((copy) => statesAll(copy, content) && !statesAll(content, copy));
    if (isLeaner) return 'left-out';
    return copies.some((copy) => isConflict(copy, content)) ? 'conflicting' : 'record';
  }
}

/**
 * Returns the copies in a source that differ. The source is read once to find the places of such copies by digests.
 * If there
 * are any, it is read again for their content.
 */
async function readCopies(source: EventSource, digest: Digest): Promise<KnownCopies> {
  const [places, identities] = [new SeenEvents(), new SeenEvents()];
  const differing = new Map<string, CopyContent[]>();
  await eachHead(source, (head) => {
    const place = digest(copyPlace(head));
    const isNewPlace = places.isNew(place);
    const isNewRecord = identities.isNew(digest(recordIdentity(head)));
    if (isNewRecord && !isNewPlace) differing.set(place, []);
  });
  if (differing.size > 0) {
    await eachHead(source, (head) => {
      const copies = differing.get(digest(copyPlace(head)));
      const content = copyContent(head);
      if (copies?.every((copy) => !statesAll(copy, content) || !statesAll(content, copy))) copies.push(content);
    });
  }
  return new KnownCopies(digest, differing);
}

async function eachHead(source: EventSource, visit: (head: RecordHead) => void): Promise<void> {
  const nothing = () => undefined;
  await source.read(
    {
      event: ({ event, site }) => visit(recordHead(event, site)),
      ignored: nothing,
      reject: nothing,
    },
    nothing,
  );
}

/** The facts that are known about an input before its events are read. */
export interface KnownAhead {
  readonly tokens: readonly IssuedToken[];
  /** The copies that differ. Absent if a part of the input can be read only once. */
  readonly copies?: KnownCopies;
}

/** Reads the facts that events depend on and that may come after them: issued tokens, and copies that differ. */
export async function readAhead(source: EventSource, digest: Digest): Promise<KnownAhead> {
  const { tokens, repeating } = (await source.ahead?.()) ?? { tokens: [] };
  if (repeating === undefined) return { tokens };
  return { tokens, copies: repeating === 'none' ? new KnownCopies(digest) : await readCopies(repeating, digest) };
}
