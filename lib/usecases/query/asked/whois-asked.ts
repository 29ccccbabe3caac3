import { recognise } from '../../../recognise/recognise.ts';
import type { Recognised } from '../../../recognise/recognition.ts';
import { type EpochMillis, formatInstant, MINUTE } from '../../../time.ts';
import { QuestionError } from '../question.ts';
import { type WhoisRequest, whoisRequestOf } from '../whois.ts';
import { Parameters, pairsOf } from './parameters.ts';

const CALLER = ['uid', 'username', 'principal', 'accessKeyId', 'sessionName', 'arn'];
const PARAMETERS = ['q', ...CALLER, 'auditId', 'at', 'lookback', 'quick'];
/** LookupEvents knows 90 days (FACTS). */
const LONGEST_LOOKBACK = 90 * 24;
/** How far the clock of whoever asks may be ahead of ours. */
export const CLOCKS_APART = 5 * MINUTE;

/** API Gateway takes 10,240 bytes of request line and headers; a pasted event has a few thousand. */
const LONGEST_TEXT = 8_192;

export interface AnythingRequest {
  readonly recognised: Recognised;
  readonly at: EpochMillis | undefined;
  /** In milliseconds. */
  readonly lookback: number | undefined;
  /** Records are looked through for a few requests alone. */
  readonly isQuick: boolean;
}

/**
 * What `q` asks, in any form; undefined where the question has no `q`.
 * @throws QuestionError naming the parameter: `q` where nobody is to be asked about.
 */
export function anythingRequest(query: string, now: EpochMillis): AnythingRequest | undefined {
  const pairs = pairsOf(query);
  if (!pairs.some(([name]) => name === 'q')) return undefined;
  const given = new Parameters(pairs, PARAMETERS, new Map([['q', LONGEST_TEXT]]));
  const [other] = given.among([...CALLER, 'auditId']);
  if (other !== undefined) throw new QuestionError(other, 'q says whom it is about: leave this out.');
  const recognised = recognise(given.text('q') ?? '');
  if (recognised.outcome !== 'subjects') {
    const as = recognised.as === undefined ? 'This is nothing that is recognised.' : `It is ${recognised.as}.`;
    throw new QuestionError('q', `${as} ${recognised.advice}`);
  }
  return {
    recognised,
    at: timeOf(given, now),
    lookback: given.hours('lookback', LONGEST_LOOKBACK),
    isQuick: given.isTrue('quick'),
  };
}

/** @throws QuestionError naming the parameter. */
export function whoisRequest(query: string, now: EpochMillis): WhoisRequest {
  const given = new Parameters(pairsOf(query), PARAMETERS);
  if (given.text('quick') !== undefined)
    throw new QuestionError('quick', 'Leave it out: it is for q, all else is answered at once.');
  const auditId = given.text('auditId');
  if (auditId !== undefined) {
    const [other] = given.among([...CALLER, 'at', 'lookback']);
    if (other !== undefined) throw new QuestionError(other, 'An auditId says it all: leave this out.');
    return whoisRequestOf({ auditId });
  }
  const [uid, username, principal, accessKeyId, sessionName, arn] = CALLER.map((name) => given.text(name));
  const at = timeOf(given, now);
  const lookback = given.hours('lookback', LONGEST_LOOKBACK);
  return whoisRequestOf({ uid, username, principal, accessKeyId, sessionName, arn, at, lookback });
}

function timeOf(given: Parameters, now: EpochMillis): EpochMillis | undefined {
  const at = given.instant('at');
  if (at === undefined || at <= now + CLOCKS_APART) return at;
  throw new QuestionError(
    'at',
    `It lies ahead of ${formatInstant(now)}, which it is here: give when it happened. Without a zone it is UTC.`,
  );
}
