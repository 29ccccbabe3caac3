import type { Silence } from '../../../lib/attribution/silence.ts';
import { epochMillis } from '../../../lib/time.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../../builders/company.ts';
import { ALICE, ALICES_KEY, alices, sharedEvent } from '../cast.ts';
import type { ExpectedAnswer, Scenario } from '../scenario.ts';

function silence(from: string, to?: string, accountId = ACCOUNT): Silence {
  const end = to === undefined ? {} : { to: epochMillis(Date.parse(utc(to))) };
  return { accountId, region: 'us-east-1', from: epochMillis(Date.parse(utc(from))), ...end };
}

const BY_NAME: ExpectedAnswer = {
  status: 'attributed',
  method: 'session-name',
  actor: ALICE,
  flags: ['name-chosen-by-caller'],
};
const IN_DOUBT: ExpectedAnswer = { ...BY_NAME, flags: ['name-chosen-by-caller', 'trail-was-silent'] };
const BY_KEY: ExpectedAnswer = { status: 'attributed', method: 'access-key', actor: ALICE };

/** A trail that was dark. A name that seems unique may not be, because the other grant may be missing. */
export const SILENCES: readonly Scenario[] = [
  {
    title: 'a name is in doubt if the role’s CloudTrail was silent when a session can have begun',
    silences: [silence('10:00:00', '11:00:00')],
    records: [alices()],
    events: [sharedEvent(null, IN_DOUBT)],
  },
  {
    title: 'a silence that late records ended is as short as they say, whatever was noted first',
    silences: [silence('00:00:00', '00:30:00'), silence('00:00:00'), silence('00:00:00', '01:00:00')],
    records: [alices()],
    events: [sharedEvent(null, BY_NAME, { requestReceivedTimestamp: utc('12:59:00.000000') })],
  },
  {
    title: 'a name is in doubt while the silence lasts',
    silences: [silence('11:30:00')],
    records: [alices()],
    events: [sharedEvent(null, IN_DOUBT)],
  },
  {
    title: 'an access key is proof, whatever was silent',
    silences: [silence('10:00:00', '13:00:00')],
    records: [alices()],
    events: [sharedEvent(ALICES_KEY, BY_KEY)],
  },
  {
    title: 'a silence of another account, after the event, or filled by late records leaves the name as it was',
    silences: [
      silence('10:00:00', '11:00:00', OTHER_ACCOUNT),
      silence('14:00:00', '15:00:00'),
      silence('09:00:00', '09:00:00'),
    ],
    records: [alices()],
    events: [sharedEvent(null, BY_NAME)],
  },
];
