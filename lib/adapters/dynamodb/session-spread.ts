import { DAY, type EpochMillis } from '../../time.ts';
import { sha256 } from '../digest.ts';

/** Over how many partitions of `by-session` a session's records are spread: docs/decisions/0014. Both only grow. */
export interface SessionSpread {
  /** Shards that claims are told apart by. */
  readonly claims: number;
  /** Shards that the records of one claim are told apart by. */
  readonly writes: number;
}

export const UNSPREAD: SessionSpread = { claims: 1, writes: 1 };

/** From so many claims a day on, so many shards. */
const CLAIM_SHARDS = [
  [0, 1],
  [16, 32],
  [512, 1_024],
] as const;

/** From so many records of one claim in one second on, so many shards: a partition takes 1,000 writes, from all batches. */
const WRITE_SHARDS = [
  [0, 1],
  [250, 4],
  [1_000, 16],
] as const;

/** How many of the least hashes tell how many claims there are: to about a quarter. */
const LEAST = 16;
const HASHES = 2 ** 32;

/** What is known of a day's claims of a session. */
export interface DayOfClaims {
  readonly day: number;
  /** The least hashes, in order. */
  readonly least: readonly number[];
}

export function dayOf(now: EpochMillis): number {
  return Math.floor(now / DAY);
}

/** The day with more claims; the same again change nothing. */
export function withClaims(known: DayOfClaims | undefined, day: number, claimIds: readonly string[]): DayOfClaims {
  const before = known?.day === day ? known.least : [];
  const all = new Set([...before, ...claimIds.map(hashOf)]);
  return { day, least: [...all].sort((a, b) => a - b).slice(0, LEAST) };
}

/** The spread that a day asks for, and so many records of one claim in a second. */
export function spreadFor({ least }: DayOfClaims, busiest: number): SessionSpread {
  return { claims: shardsFor(CLAIM_SHARDS, claimsOf(least)), writes: shardsFor(WRITE_SHARDS, busiest) };
}

export function widest(a: SessionSpread, b: SessionSpread): SessionSpread {
  return { claims: Math.max(a.claims, b.claims), writes: Math.max(a.writes, b.writes) };
}

/** As many as there are, or by how densely the least ones lie. */
function claimsOf(least: readonly number[]): number {
  const last = least.at(-1);
  if (least.length < LEAST || last === undefined) return least.length;
  return Math.max(LEAST, ((LEAST - 1) * HASHES) / Math.max(last, 1));
}

function shardsFor(steps: readonly (readonly [from: number, shards: number])[], count: number): number {
  return steps.findLast(([from]) => count >= from)?.[1] ?? 1;
}

/** What follows the session in the key of a record; empty for the first shard. */
export function suffixOf(claimId: string | undefined, id: string, { claims, writes }: SessionSpread): string {
  return suffix(claimId === undefined ? 0 : hashOf(claimId) % claims, hashOf(id) % writes);
}

/** All suffixes under which records of the session can lie. */
export function suffixesOfSession({ claims, writes }: SessionSpread): readonly string[] {
  return suffixes(
    Array.from({ length: claims }, (_, shard) => shard),
    writes,
  );
}

/** All suffixes under which records of the claim can lie: one for each number of shards that the session has had. */
export function suffixesOfClaim(claimId: string, { claims, writes }: SessionSpread): readonly string[] {
  const hash = hashOf(claimId);
  const numbers = CLAIM_SHARDS.map(([, shards]) => shards).filter((shards) => shards <= claims);
  return suffixes([...new Set(numbers.map((shards) => hash % shards))], writes);
}

function suffixes(claimShards: readonly number[], writes: number): string[] {
  const writeShards = Array.from({ length: writes }, (_, shard) => shard);
  return claimShards.flatMap((claim) => writeShards.map((write) => suffix(claim, write)));
}

function suffix(claim: number, write: number): string {
  if (write > 0) return `#${claim}.${write}`;
  return claim > 0 ? `#${claim}` : '';
}

function hashOf(text: string): number {
  return Buffer.from(sha256(text), 'base64url').readUInt32BE();
}
