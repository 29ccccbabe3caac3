import { lastGrant } from '../../attribution/role-of-record.ts';
import { type EpochMillis, spanAround } from '../../time.ts';
import { millisOf } from '../activity/requests.ts';
import { type AnythingAnswer, type Found, requestOf, type SessionFound } from '../query/anything/found.ts';

/**
 * The time around what was asked about, so long before and after it, in milliseconds. `at` is when it happened, where whoever
 * asks says so. Of a session without a time of a request it is the time at which it was issued; of several sessions of
 * somebody that of the latest. Undefined where nothing tells a time.
 */
export function windowAround(
  { found }: AnythingAnswer,
  at: EpochMillis | undefined,
  window: number,
): { readonly from: EpochMillis; readonly to: EpochMillis } | undefined {
  return spanAround(at === undefined ? found.flatMap(timesOf) : [at], window);
}

function timesOf(found: Found): readonly number[] {
  const request = requestOf(found);
  const records = found.outcome.kind === 'attributed' ? (found.outcome.records ?? []) : [];
  const told = [request?.since, request?.time, ...records.map(({ time }) => time)].flatMap(
    (time) => millisOf(time) ?? [],
  );
  return told.length > 0 ? told : issuedTimes(found);
}

function issuedTimes({ outcome }: Found): readonly number[] {
  if (outcome.kind === 'not-known') return [];
  if (outcome.kind === 'attributed') {
    const { chain = [], candidates = [] } = outcome.attribution;
    const chains = [chain, ...candidates.map((each) => each.chain)];
    const issued = chains.flatMap((links) => millisOf(lastGrant(links)?.issuedAt) ?? []);
    return issued.length > 0 ? issued : endsOf(outcome.used?.[0]);
  }
  return endsOf(outcome.sessions[0]);
}

function endsOf(latest: SessionFound | undefined): readonly number[] {
  const ends = latest?.records === undefined ? [latest?.from] : [latest.from, latest.to];
  return ends.flatMap((time) => millisOf(time) ?? []);
}
