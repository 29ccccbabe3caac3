import type { Claim } from './claim.ts';

/** The number of shards of due claims. It may grow, since each change of a claim files it again, but not shrink. */
export const SHARDS = 16;

/**
 * The maximum number of due claims of a list for which no worker is started. With as many in each list, a run takes about 20 of its 50
 * seconds.
 */
export const FEW_DUE = 12;

/** A list of due claims: a shard, or the list of those that wait for look-ups in CloudTrail. One run at a time works on each. */
export type DueList = typeof LOOK_UPS | `shard ${number}`;

export const LOOK_UPS = 'look-ups';

const shard = (at: number) => `shard ${at}` as const;

export const DUE_LISTS: readonly DueList[] = [...Array.from({ length: SHARDS }, (_, at) => shard(at)), LOOK_UPS];

/**
 * Returns the list of a claim. The claims of one session name are in one shard, so that a flood of tokens under one name
 * delays no more than that shard.
 */
export function dueListOf({ session, needsLookUp }: Pick<Claim, 'session' | 'needsLookUp'>): DueList {
  return needsLookUp === true ? LOOK_UPS : shard(Math.floor((hash(session) / 2 ** 32) * SHARDS));
}

/** Returns a hash of 32 bits: FNV-1a, mixed as MurmurHash3 does at its end, so that similar texts have unlike hashes. */
function hash(text: string): number {
  let bits = 0x81_1c_9d_c5;
  for (const character of text) bits = Math.imul(bits ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85_eb_ca_6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
