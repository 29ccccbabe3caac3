import type { WhoisRequest } from '../../lib/pipeline/whois.ts';
import { HOUR } from '../../lib/time.ts';
import { Parameters } from './parameters.ts';
import { WrongInput } from './problem.ts';

const CALLER = ['uid', 'username', 'principal', 'accessKeyId'];
/** LookupEvents knows 90 days (FACTS). */
const LONGEST_LOOKBACK = 90 * 24;
/** Where no time is asked about, any grant issued within it can be meant (CONTRACT). */
const DEFAULT_LOOKBACK = 24 * HOUR;

/** @throws WrongInput naming the parameter. */
export function whoisRequest(query: string): WhoisRequest {
  const given = new Parameters(query, [...CALLER, 'auditId', 'at', 'lookback']);
  const auditId = given.text('auditId');
  if (auditId !== undefined) {
    const [other] = given.among([...CALLER, 'at', 'lookback']);
    if (other !== undefined) throw new WrongInput(other, 'An auditId says it all: leave this out.');
    return { by: 'audit-id', auditId };
  }
  const [uid, username, principal, accessKeyId] = CALLER.map((name) => given.text(name));
  const at = given.instant('at');
  const lookback = given.hours('lookback', LONGEST_LOOKBACK) ?? (at === undefined ? DEFAULT_LOOKBACK : undefined);
  return { by: 'caller', question: { uid, username, principal, accessKeyId }, at, lookback };
}
