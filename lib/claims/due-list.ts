import type { Claim } from './claim.ts';

/**
 * The number of shards of due claims. It can be raised, because each change of a claim puts the claim into its list
 * again. It must never be lowered.
 */
export const SHARDS = 16;

/**
 * A run starts a worker only for lists with more due claims than this. If all lists have as many, a run takes about 20
 * of its 50 seconds.
 */
export const FEW_DUE = 12;

/**
 * A list of due claims: a shard, or the claims that wait for look-ups in CloudTrail. Only one run at a time works on a
 * list.
 */
export type DueList = typeof LOOK_UPS | `shard ${number}`;

export const LOOK_UPS = 'look-ups';

const shard = (at: number) => `shard ${at}` as const;

export const DUE_LISTS: readonly DueList[] = [...Array.from({ length: SHARDS }, (_, at) => shard(at)), LOOK_UPS];

/**
 * Returns the list of a claim. Claims with the same session name are in one shard. If somebody floods a name with
 * tokens, only that shard is delayed.
 */
export function dueListOf({ session, needsLookUp }: Pick<Claim, 'session' | 'needsLookUp'>): DueList {
  return needsLookUp === true ? LOOK_UPS : shard(Math.floor((hash(session) / 2 ** 32) * SHARDS));
}

/**
 * Returns a hash of 32 bits by FNV-1a. The last step mixes it as MurmurHash3 does, so that similar texts get very
 * different hashes.
 */
function hash(text: string): number {
  let bits = 0x81_1c_9d_c5;
  for (const character of text) bits = Math.imul(bits ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85_eb_ca_6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
