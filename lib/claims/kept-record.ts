import {
  type AmbiguousAttribution,
  type Attribution,
  type Basis,
  isEventMethod,
  type Method,
  namedAttribution,
} from '../attribution/attribution.ts';
import { isPartialReason, type PartialReason } from '../attribution/reasons.ts';
import type { AuditRecord } from '../attribution/record.ts';
import { present } from '../json.ts';

/** An attribution in the form in which the tables store it (docs/decisions/0010). */
export type KeptAttribution =
  | KeptAmbiguous
  | (Exclude<Attribution, AmbiguousAttribution> & { readonly candidatesLeftOut?: undefined });

export interface KeptAmbiguous extends AmbiguousAttribution {
  /** The number of candidates that are not stored. Absent if all are. */
  readonly candidatesLeftOut?: number | undefined;
}

/** The fields of an attribution as a table has them. Nobody has checked yet whether they fit together. */
export type StoredAttribution = { readonly [K in CommonField]: KeptAttribution[K] } & {
  readonly [K in Exclude<keyof KeptAttribution, CommonField>]?: NonNullable<KeptAttribution[K]> | undefined;
};

type CommonField = 'status' | 'provisional' | 'flags';

/** A record in the form in which the tables store it. Records that are made from files have no such limits. */
export interface KeptRecord extends AuditRecord {
  readonly attribution: KeptAttribution;
}

/**
 * Limits the bytes of a list as JSON in UTF-8. DynamoDB counts at most as many bytes. So a record with all its other
 * fields stays well below an item's 400 KB.
 */
const MOST_BYTES = { candidates: 100_000, texts: 50_000 } as const;

/**
 * Returns the record with as many candidates, groups and source IPs as fit into an item. Nearly all records stay
 * unchanged.
 */
export function keptRecord(record: AuditRecord): KeptRecord {
  const { attribution, caller, impersonated, source } = record;
  if (attribution.status !== 'ambiguous' && haveRoom(caller.groups, impersonated?.groups, source?.ips)) return record;
  return {
    ...record,
    attribution: keptAttribution(attribution),
    caller: { ...caller, groups: firstTexts(caller.groups) },
    impersonated: impersonated && { ...impersonated, groups: firstTexts(impersonated.groups) },
    source: source && { ...source, ips: firstTexts(source.ips?.toReversed())?.toReversed() },
  };
}

/**
 * The most bytes that JSON needs for one UTF-16 code unit (`\u0000`). `AROUND` is the number of bytes around a text.
 */
const PER_UNIT = 6;
const AROUND = 2;

/** Returns whether the lists certainly fit, as nearly all do. Otherwise their bytes must be counted. */
function haveRoom(...lists: readonly (readonly string[] | undefined)[]): boolean {
  let most = 0;
  for (const texts of lists) for (const text of texts ?? []) most += text.length * PER_UNIT + AROUND;
  return most <= MOST_BYTES.texts;
}

/**
 * Returns an attribution made of these fields. Leaves out fields that do not belong to its status. Undefined if a
 * required field is missing.
 */
export function attributionOf(stored: StoredAttribution): KeptAttribution | undefined {
  const { status, provisional, flags, reason, candidates, candidatesLeftOut } = stored;
  switch (status) {
    case 'attributed':
      return namedOf(stored);
    case 'partial':
      return isPartialReason(reason) ? namedOf(stored, reason) : undefined;
    case 'ambiguous':
      return candidates && present<KeptAmbiguous>({ status, provisional, flags, candidates, candidatesLeftOut });
    case 'unattributed':
      return reason === undefined || isPartialReason(reason) ? undefined : { status, provisional, reason, flags };
    default:
      return { status, provisional, flags };
  }
}

function namedOf({ method, provisional, flags, actor, chain, use, uses }: StoredAttribution, partial?: PartialReason) {
  if (method === undefined || actor === undefined) return undefined;
  const basis = basisOf(method, { chain, use, uses });
  return basis && namedAttribution({ actor, partial }, basis, { provisional, flags });
}

function basisOf(
  method: Method,
  { chain, use, uses }: Pick<StoredAttribution, 'chain' | 'use' | 'uses'>,
): Basis | undefined {
  if (isEventMethod(method)) return { method, uses };
  return chain && { method, chain, use, uses };
}

/** Returns the attribution with as many candidates as fit, but at least one. They stay in the order of the rules. */
function keptAttribution(attribution: Attribution): KeptAttribution {
  if (attribution.status !== 'ambiguous') return attribution;
  const { candidates } = attribution;
  const [first, ...others] = candidates;
  if (first === undefined) return attribution;
  const kept = [first, ...fitting(others, MOST_BYTES.candidates - bytesOf(first))];
  const left = candidates.length - kept.length;
  return left === 0 ? attribution : { ...attribution, candidates: kept, candidatesLeftOut: left };
}

/** Returns the attribution with at most `most` candidates, in the order of the rules, and the number of the others. */
export function withFewCandidates(attribution: Attribution | KeptAttribution, most: number): KeptAttribution {
  if (attribution.status !== 'ambiguous' || attribution.candidates.length <= most) return attribution;
  const before = 'candidatesLeftOut' in attribution ? (attribution.candidatesLeftOut ?? 0) : 0;
  const { candidates } = attribution;
  const left = before + candidates.length - most;
  return { ...attribution, candidates: candidates.slice(0, most), candidatesLeftOut: left };
}

/**
 * Returns the record in the form in which answers include it: without groups, and with only the first few candidates. A
 * record can have hundreds of candidates.
 */
export function shortenRecord(record: AuditRecord | KeptRecord): KeptRecord {
  const { attribution, caller } = record;
  const { groups: _groups, ...rest } = caller;
  return { ...record, caller: rest, attribution: withFewCandidates(attribution, MOST_SHOWN_CANDIDATES) };
}

const MOST_SHOWN_CANDIDATES = 5;

function firstTexts(texts: readonly string[] | undefined): readonly string[] | undefined {
  return texts && fitting(texts, MOST_BYTES.texts);
}

/** Returns the first entries, as many as fit into `most` bytes. */
function fitting<T>(entries: readonly T[], most: number): readonly T[] {
  let room = most;
  const end = entries.findIndex((entry) => {
    room -= bytesOf(entry);
    return room < 0;
  });
  return end === -1 ? entries : entries.slice(0, end);
}

function bytesOf(entry: unknown): number {
  return new TextEncoder().encode(JSON.stringify(entry)).length;
}
