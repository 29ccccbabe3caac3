import { describe, expect, it } from 'vitest';
import type { CountedGroup } from '../../lib/envelopes/counted-group.ts';
import { attributeFiles, Folder } from '../builders/command.ts';
import { piecesOf } from '../builders/pieces.ts';
import { GRANT, good } from './good.ts';

const RECORD: unknown = JSON.parse(GRANT);

const RULES: CountedGroup = { names: '/aws/events/*', content: 'cloudtrail' };

/** Returns a message as a rule of EventBridge logs it: the name of the stream says nothing. */
function logged(message: object): object {
  const logEvents = [{ id: '1', timestamp: 0, message: JSON.stringify(message) }];
  return { messageType: 'DATA_MESSAGE', logGroup: '/aws/events/sts', logStream: '54ba3f3c0e3c', logEvents };
}

describe('CloudTrail records in log groups', () => {
  it('are read from an EventBridge envelope that a rule put into a log group, if the operator vouches for the group', () => {
    const envelope = { 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.sts', detail: RECORD };
    expect(piecesOf(logged(envelope), [RULES]).trail).toEqual([RECORD]);
    expect(piecesOf(logged(envelope))).toMatchObject({ trail: [], rejected: [], ignored: ['other-origin'] });
  });

  it("are refused there too, if the envelope is not AWS's", () => {
    const forged = { 'detail-type': 'AWS API Call via CloudTrail', source: 'mine', detail: RECORD };
    const { trail, rejected } = piecesOf(logged(forged), [RULES]);
    expect(trail).toEqual([]);
    expect(rejected.map(({ reason }) => reason)).toEqual(['eventbridge-envelope-not-from-cloudtrail']);
  });

  it("are read from aws logs tail of the trail's log group", async () => {
    using folder = new Folder();
    const line = `2026-03-10T12:00:00.000000+00:00 111122223333_CloudTrail_us-east-1_2 ${GRANT}`;
    const { records } = await attributeFiles(folder, {
      audit: [folder.file('a', good('a'))],
      cloudtrail: [folder.file('trail', line)],
    });
    expect(records).toMatchObject([{ attribution: { status: 'attributed' } }]);
  });
});
