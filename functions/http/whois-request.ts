import { type EpochMillis, formatInstant, MINUTE } from '../../lib/time.ts';
import { type WhoisRequest, whoisRequestOf } from '../../lib/usecases/query/whois.ts';
import { Parameters, pairsOf } from './parameters.ts';
import { InputError } from './problem.ts';

const CALLER = ['uid', 'username', 'principal', 'accessKeyId', 'sessionName', 'arn'];
/** LookupEvents knows 90 days (FACTS). */
const LONGEST_LOOKBACK = 90 * 24;
/** How far the clock of whoever asks may be ahead of ours. */
export const CLOCKS_APART = 5 * MINUTE;

/** @throws InputError naming the parameter. */
export function whoisRequest(query: string, now: EpochMillis): WhoisRequest {
  const given = new Parameters(pairsOf(query), [...CALLER, 'auditId', 'at', 'lookback']);
  const auditId = given.text('auditId');
  if (auditId !== undefined) {
    const [other] = given.among([...CALLER, 'at', 'lookback']);
    if (other !== undefined) throw new InputError(other, 'An auditId says it all: leave this out.');
    return whoisRequestOf({ auditId });
  }
  const [uid, username, principal, accessKeyId, sessionName, arn] = CALLER.map((name) => given.text(name));
  const at = given.instant('at');
  if (at !== undefined && at > now + CLOCKS_APART)
    throw new InputError(
      'at',
      `It lies ahead of ${formatInstant(now)}, which it is here: give when it happened. Without a zone it is UTC.`,
    );
  const lookback = given.hours('lookback', LONGEST_LOOKBACK);
  return whoisRequestOf({ uid, username, principal, accessKeyId, sessionName, arn, at, lookback });
}
