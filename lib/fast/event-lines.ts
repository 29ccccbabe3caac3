import { keptCluster } from '../attribution/record.ts';
import { BytesWriter } from './bytes-writer.ts';
import { EventBytes } from './event-bytes.ts';
import { FIELD } from './event-fields.ts';
import { isKeptWhole, writeHead, writeIdentity } from './head-bytes.ts';
import { InstantBytes } from './instant-bytes.ts';
import type { PackedEvents } from './packed-events.ts';
import { parsedCaller } from './parsed-caller.ts';
import { isRoleSession, writeRoleIdentity, writeRoleSender, writeRoleSession } from './role-session.ts';
import { NO_PLACE, SenderPlaces } from './sender-places.ts';

/** Of a `user`, in bytes: nobody's is longer whose groups are not without end. */
const LONGEST_USER = 8 * 1024;
/** The most that one event takes: the texts of a record by their limits, the addresses, and a caller of that length. */
export const MOST_HEAD = 128 * 1024;
export const MOST_SENDER = 4 * LONGEST_USER;

/** Makes ready the events of lines that are as the API server writes them; says no to any other line, for the plain way. */
export class EventLines {
  readonly #event = new EventBytes();
  readonly #instants = new InstantBytes();
  readonly #places = new SenderPlaces();
  readonly #digest: (bytes: Uint8Array) => string;
  readonly #named: string | undefined;
  readonly #cluster: Uint8Array;
  readonly #identity = new BytesWriter();
  readonly #head = new BytesWriter();
  readonly #sender = new BytesWriter();
  readonly #scratch = new Uint8Array(MOST_HEAD);
  readonly #packed = { place: 0, isNew: false, moment: 0, identity: '' };

  /** @param named the cluster of events that no envelope names one of. */
  constructor(named: string | undefined, digest: (bytes: Uint8Array) => string) {
    this.#named = named;
    this.#cluster = new TextEncoder().encode(clusterField(named));
    this.#digest = digest;
  }

  /** Puts the line's event into `packed`, which has room for `MOST_HEAD` and `MOST_SENDER`. */
  take(line: Uint8Array, packed: PackedEvents): boolean {
    const event = this.#event;
    if (!event.read(line) || !isKeptWhole(event) || event.lengthOf(FIELD.user) > LONGEST_USER) return false;
    const [head, identity] = [this.#head, this.#identity];
    head.into(packed.heads, packed.headEnd);
    identity.into(this.#scratch, 0);
    writeHead(event, this.#cluster, head);
    writeIdentity(event, identity);
    if (!this.#writeCaller(packed)) return false;
    this.#packed.moment = this.#instants.read(event, FIELD.time);
    this.#packed.identity = this.#digest(this.#scratch.subarray(0, identity.at));
    packed.add(head.at, this.#packed);
    return true;
  }

  /** Answers whether the caller is one whose answer is the same whatever is asked for. */
  #writeCaller(packed: PackedEvents): boolean {
    const event = this.#event;
    const found = this.#places.placeOf(event);
    this.#packed.isNew = found < 0 || found === NO_PLACE;
    this.#packed.place = found < 0 ? -1 - found : found;
    const [head, identity] = [this.#head, this.#identity];
    if (!this.#packed.isNew) {
      this.#places.write(found, head, identity);
      return true;
    }
    const [headFrom, identityFrom] = [head.at, identity.at];
    if (!this.#writeNew(packed)) return false;
    if (found === NO_PLACE) return true;
    const place = this.#packed.place;
    const isKept = this.#places.remember(place, event, { head, headFrom }, { identity, identityFrom });
    if (!isKept) this.#packed.place = NO_PLACE;
    return true;
  }

  #writeNew(packed: PackedEvents): boolean {
    const event = this.#event;
    const [head, identity, sender] = [this.#head, this.#identity, this.#sender];
    sender.into(packed.senders, packed.senderEnd);
    if (isRoleSession(event)) {
      writeRoleSession(event, head);
      writeRoleIdentity(event, identity);
      writeRoleSender(event, sender);
    } else {
      const parts = parsedCaller(event, this.#named);
      if (parts === undefined) return false;
      head.all(parts.head);
      identity.all(parts.identity);
      sender.all(parts.sender);
    }
    packed.addSender(sender.at);
    return true;
  }
}

/** As `recordHead` writes it, with a comma before it; empty where there is none. */
function clusterField(cluster: string | undefined): string {
  const kept = keptCluster(cluster);
  return kept === undefined ? '' : `,"cluster":${JSON.stringify(kept)}`;
}
