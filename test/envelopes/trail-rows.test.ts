import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { piecesOf } from '../builders/pieces.ts';

const IDENTITY =
  '{type=SAMLUser, principalid=x:ana, arn=null, username=ana, sessioncontext={attributes={creationdate=2026-03-10 08:00:00.000, mfaauthenticated=true}, sessionissuer=null, sourceidentity=null}, invokedby=null}';
const ROW = {
  eventid: 'e1',
  eventtime: '2026-03-10 08:01:10.000',
  eventsource: 'sts.amazonaws.com',
  eventname: 'AssumeRoleWithSAML',
  useridentity: IDENTITY,
  requestparameters: '{roleArn=arn:aws:iam::111122223333:role/a, roleSessionName=ana}',
  responseelements: '{credentials={"accessKeyId":"ASIAALICESESSION0001","note":"}, x=y"}, subject=ana}',
};
const read = (row: JsonObject) => {
  const { trail, rejected } = piecesOf(row);
  return trail[0] ?? rejected.map(({ reason }) => reason);
};
const UNREADABLE = ['trail-row-unreadable'];

describe('a row of a table of the trail', () => {
  it('is a record, with the names and the times of CloudTrail', () => {
    expect(read(ROW)).toEqual({
      eventID: 'e1',
      eventTime: '2026-03-10T08:01:10Z',
      eventSource: 'sts.amazonaws.com',
      eventName: 'AssumeRoleWithSAML',
      userIdentity: {
        type: 'SAMLUser',
        principalId: 'x:ana',
        userName: 'ana',
        sessionContext: { attributes: { creationDate: '2026-03-10T08:00:00Z', mfaAuthenticated: 'true' } },
      },
      requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/a', roleSessionName: 'ana' },
      responseElements: { credentials: { accessKeyId: 'ASIAALICESESSION0001', note: '}, x=y' }, subject: 'ana' },
    });
  });

  it.each<[string, string]>([
    ['an equals sign and a comma', 'a=b,c@d.e'],
    ['blanks', 'Ana Silva'],
    ['a comma and a blank', 'Silva, Ana'],
  ])('may have a name with %s', (_, name) => {
    const row = { ...ROW, useridentity: IDENTITY.replace('username=ana', `username=${name}`) };
    expect(read(row)).toMatchObject({ userIdentity: { userName: name } });
  });

  it.each<[string, Partial<typeof ROW>]>([
    ['a name that adds a field which is there already', { useridentity: IDENTITY.replace('=ana,', '=x, arn=arn:y,') }],
    ['a name with a bracket', { useridentity: IDENTITY.replace('username=ana', 'username=x}, invokedby={') }],
    ['a name that closes the struct', { useridentity: IDENTITY.replace('username=ana', 'username=x}') }],
    ['a struct that is cut', { useridentity: IDENTITY.slice(0, 60) }],
    ['too many brackets', { responseelements: `${'{a='.repeat(20)}x${'}'.repeat(20)}` }],
    [
      'a subject that may have added the source identity',
      { responseelements: ROW.responseelements.replace('subject=ana', 'subject=x, sourceIdentity=alice') },
    ],
  ])('is not read with %s', (_, fields) => expect(read({ ...ROW, ...fields })).toEqual(UNREADABLE));

  it.each(['eventid', 'eventtime', 'eventsource', 'requestparameters', 'responseelements'])(
    'is not read without %s',
    (column) => {
      const row = Object.fromEntries(Object.entries(ROW).filter(([name]) => name !== column));
      expect(read(row)).toEqual(UNREADABLE);
    },
  );

  it('of a denied call has no response, in an empty cell', () => {
    expect(read({ ...ROW, responseelements: '' })).not.toHaveProperty('responseElements');
  });
});
