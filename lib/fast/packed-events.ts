/**
 * Events made ready, many in one piece of memory, in columns. It can be shared between threads: one fills it, the other reads
 * it. A sender is a caller as the rules need it, told once where it takes a place (`SenderPlaces`).
 */
export class PackedEvents {
  readonly memory: ArrayBufferLike;
  /** Each event's `RecordHead` as JSON, one behind the other. */
  readonly heads: Uint8Array;
  readonly headEnds: Int32Array;
  /** Each sender that takes its place, in order, as `sender.ts` reads it. */
  readonly senders: Uint8Array;
  readonly senderEnds: Int32Array;
  /** The sender's place; negative (`-1 - place`) where the next of `senders` takes it. */
  readonly places: Int32Array;
  /** In milliseconds since the epoch; NaN where nobody can read it. */
  readonly moments: Float64Array;
  /** The digest of what makes two deliveries one event: four words each. */
  readonly identities: Uint32Array;
  count = 0;
  senderCount = 0;

  constructor(memory: ArrayBufferLike, { headBytes, senderBytes, events }: PackedSize, start = 0) {
    this.memory = memory;
    let at = start;
    const next = (bytes: number) => {
      const from = at;
      at += Math.ceil(bytes / 8) * 8;
      return from;
    };
    this.moments = new Float64Array(memory, next(events * 8), events);
    this.identities = new Uint32Array(memory, next(events * 16), events * 4);
    this.headEnds = new Int32Array(memory, next(events * 4), events);
    this.senderEnds = new Int32Array(memory, next(events * 4), events);
    this.places = new Int32Array(memory, next(events * 4), events);
    this.heads = new Uint8Array(memory, next(headBytes), headBytes);
    this.senders = new Uint8Array(memory, next(senderBytes), senderBytes);
  }

  /** Where the next head begins. */
  get headEnd(): number {
    return this.count === 0 ? 0 : (this.headEnds[this.count - 1] ?? 0);
  }

  get senderEnd(): number {
    return this.senderCount === 0 ? 0 : (this.senderEnds[this.senderCount - 1] ?? 0);
  }

  hasRoom(headBytes: number, senderBytes: number): boolean {
    return (
      this.count < this.places.length &&
      this.headEnd + headBytes <= this.heads.length &&
      this.senderEnd + senderBytes <= this.senders.length
    );
  }

  /** Its sender was written behind the last one, up to there. */
  addSender(end: number): void {
    this.senderEnds[this.senderCount] = end;
    this.senderCount += 1;
  }

  /** Its head was written behind the last one, up to there. */
  add(headEnd: number, { place, isNew, moment, identity }: PackedEvent): void {
    const { count } = this;
    this.headEnds[count] = headEnd;
    this.places[count] = isNew ? -1 - place : place;
    this.moments[count] = moment;
    for (let word = 0; word < 4; word += 1) this.identities[count * 4 + word] = wordAt(identity, word * 4);
    this.count = count + 1;
  }

  clear(): void {
    this.count = 0;
    this.senderCount = 0;
  }
}

export interface PackedSize {
  readonly headBytes: number;
  readonly senderBytes: number;
  readonly events: number;
}

export interface PackedEvent {
  readonly place: number;
  readonly isNew: boolean;
  readonly moment: number;
  /** At least 16 characters, each one byte. */
  readonly identity: string;
}

/** How much memory that takes. */
export function packedBytes({ headBytes, senderBytes, events }: PackedSize): number {
  const columns = events * (8 + 16 + 4 + 4 + 4) + 5 * 8;
  return columns + headBytes + senderBytes + 2 * 8;
}

function wordAt(digest: string, at: number): number {
  return (
    digest.charCodeAt(at) |
    (digest.charCodeAt(at + 1) << 8) |
    (digest.charCodeAt(at + 2) << 16) |
    (digest.charCodeAt(at + 3) << 24)
  );
}
