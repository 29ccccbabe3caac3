import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject, textAt } from '../../lib/json.ts';
import {
  at,
  byAttribute,
  callRecord,
  clientOf,
  DAY,
  GRANT,
  GRANT_TO_SERVICE,
  idsFound,
  KEY,
  lookUp,
  MINUTE,
  NOW,
  ROLE,
  ROLE_CALL,
  SESSION_ARN,
  start,
} from './running-cloudtrail.ts';

describe('the answer', () => {
  it('is an Event as LookupEvents gives it, with the record as JSON text', async () => {
    const { Events: [event] = [] } = await lookUp(clientOf(await start({ records: [GRANT] })));
    expect(event).toMatchObject({
      EventId: 'grant',
      EventName: 'AssumeRole',
      ReadOnly: 'true',
      AccessKeyId: KEY,
      EventTime: new Date(GRANT.eventTime),
      EventSource: 'sts.amazonaws.com',
      Username: 'alice',
    });
    expect(objectIn(event?.CloudTrailEvent ?? '')).toEqual(GRANT);
  });

  it('writes EventTime on the wire as a number of epoch seconds', async () => {
    const server = await start({ records: [GRANT] });
    const response = await fetch(server.url, {
      method: 'POST',
      headers: {
        'x-amz-target': 'CloudTrail_20131101.LookupEvents',
        authorization: `AWS4-HMAC-SHA256 Credential=${KEY}/20261125/eu-west-1/cloudtrail/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: '{}',
    });
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(await response.text()).toContain(`"EventTime":${NOW / 1000 - 600},`);
  });

  it('lists the resources of a grant by content, in an order that differs from event to event', async () => {
    const records = Array.from({ length: 20 }, (_, index) => ({ ...GRANT, eventID: `grant-${index}` }));
    const { Events: events = [] } = await lookUp(clientOf(await start({ records })));
    const orders = events.map((event) => (event.Resources ?? []).map((resource) => resource.ResourceName ?? ''));
    for (const order of orders) {
      expect(order.toSorted()).toEqual(
        ['ASIAISSUED0000000001', 'AROAADMIN00000000001:alice-laptop', SESSION_ARN, 'alice-laptop', ROLE].toSorted(),
      );
    }
    expect(new Set(orders.map(String)).size).toBeGreaterThan(5);
  });

  it('shuffles resources the same way for the same seed', async () => {
    const [once, again, other] = await Promise.all(
      ['a', 'a', 'b'].map(async (seed) => {
        const records = Array.from({ length: 10 }, (_, index) => ({ ...GRANT, eventID: `grant-${index}` }));
        return (await lookUp(clientOf(await start({ records, seed })))).Events;
      }),
    );
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it('has the session in Username for a role, and nobody for a service or another account', async () => {
    const stranger = callRecord('stranger', {
      userIdentity: { type: 'AWSAccount', principalId: 'AIDASTRANGER', accountId: '444455556666' },
    });
    const invoked = callRecord('invoked', { userIdentity: { invokedBy: 'ec2.amazonaws.com' } });
    const server = await start({ records: [ROLE_CALL, GRANT_TO_SERVICE, stranger, invoked] });
    const { Events: events = [] } = await lookUp(clientOf(server));
    expect(Object.fromEntries(events.map((event) => [event.EventId, event.Username]))).toEqual({
      'role-call': 'alice-laptop',
      'grant-to-service': undefined,
      stranger: undefined,
      invoked: undefined,
    });
  });

  it('has no AccessKeyId where the record has none or an empty one, and empty Resources where none are known', async () => {
    const record = callRecord('keyless', {
      userIdentity: { type: 'AssumedRole', principalId: 'AROA1:x', accessKeyId: '' },
    });
    const { Events: [event] = [] } = await lookUp(clientOf(await start({ records: [record] })));
    expect(event?.AccessKeyId).toBeUndefined();
    expect(event?.Resources).toEqual([]);
  });
});

describe('lookup attributes', () => {
  const records = [
    GRANT,
    GRANT_TO_SERVICE,
    ROLE_CALL,
    callRecord('delete', { eventName: 'DeleteCluster', readOnly: false }),
  ];

  it.each([
    ['ResourceName', 'ASIAISSUED0000000001', ['grant']],
    ['ResourceName', 'AROAADMIN00000000001:alice-laptop', ['grant']],
    ['ResourceName', SESSION_ARN, ['grant']],
    ['ResourceName', 'alice-laptop', ['grant']],
    ['ResourceName', ROLE, ['grant']],
    ['ResourceName', 'AROAADMIN00000000001', []],
    ['ResourceName', 'asiaissued0000000001', []],
    ['ResourceName', 'ASIAISSUED0000000002', ['grant-to-service']],
    ['ResourceName', 'forwarder-run', ['grant-to-service']],
    ['ResourceName', 'arn:aws:iam::111122223333:role/forwarder', ['grant-to-service']],
    ['ResourceType', 'AWS::STS::AssumedRole', ['grant', 'grant-to-service']],
    ['AccessKeyId', 'ASIAISSUED0000000001', ['role-call']],
    ['AccessKeyId', KEY, ['delete', 'grant']],
    ['Username', 'alice', ['delete', 'grant']],
    ['Username', 'alice-laptop', ['role-call']],
    ['EventId', 'grant', ['grant']],
    ['EventName', 'AssumeRole', ['grant', 'grant-to-service']],
    ['EventSource', 'eks.amazonaws.com', ['delete', 'role-call']],
    ['ReadOnly', 'false', ['delete']],
  ] as const)('%s=%s finds %j', async (key, value, expected) => {
    const client = clientOf(await start({ records }));
    expect((await idsFound(client, byAttribute(key, value))).toSorted()).toEqual(expected);
  });

  it('can be only one, with a known key and a value', async () => {
    const client = clientOf(await start({ records }));
    const one = { AttributeKey: 'EventId', AttributeValue: 'grant' } as const;
    const refused = { name: 'InvalidLookupAttributesException', $metadata: { httpStatusCode: 400 } };
    await expect(lookUp(client, { LookupAttributes: [one, one] })).rejects.toMatchObject(refused);
    await expect(lookUp(client, byAttribute('EventId', ''))).rejects.toMatchObject(refused);
    // @ts-expect-error the SDK's types know the keys, its wire does not
    await expect(lookUp(client, byAttribute('RoleArn', ROLE))).rejects.toMatchObject(refused);
    await expect(lookUp(client, byAttribute('ResourceName', '_'.repeat(1001)))).rejects.toThrow('2000 characters');
    expect(await idsFound(client, { LookupAttributes: [] })).toHaveLength(4);
  });
});

describe('the events that LookupEvents returns', () => {
  it('come newest first, whatever the order of arrival', async () => {
    const server = await start({ records: [callRecord('old', { eventTime: at(30 * MINUTE) })] });
    server.add([callRecord('new', { eventTime: at(MINUTE) }), callRecord('middle', { eventTime: at(5 * MINUTE) })]);
    expect(await idsFound(clientOf(server))).toEqual(['new', 'middle', 'old']);
  });

  it('come once, however often they are delivered', async () => {
    const server = await start({ records: [GRANT, GRANT, GRANT_TO_SERVICE] });
    server.add([{ ...GRANT }]);
    expect(await idsFound(clientOf(server))).toEqual(['grant-to-service', 'grant']);
  });

  it('go back 90 days by the given clock', async () => {
    let now = NOW;
    const records = [
      callRecord('inside', { eventTime: at(90 * DAY) }),
      callRecord('outside', { eventTime: at(90 * DAY + 1000) }),
    ];
    const client = clientOf(await start({ records, now: () => now }));
    expect(await idsFound(client)).toEqual(['inside']);
    now += 1000;
    expect(await idsFound(client)).toEqual([]);
  });

  it('are from StartTime to EndTime, both included', async () => {
    const records = [4, 3, 2, 1].map((minutes) => callRecord(`${minutes}`, { eventTime: at(minutes * MINUTE) }));
    const client = clientOf(await start({ records }));
    const StartTime = new Date(NOW - 3 * MINUTE);
    const EndTime = new Date(NOW - 2 * MINUTE);
    expect(await idsFound(client, { StartTime, EndTime })).toEqual(['2', '3']);
    expect(await idsFound(client, { StartTime })).toEqual(['1', '2', '3']);
    expect(await idsFound(client, { StartTime, EndTime: StartTime })).toEqual(['3']);
    await expect(lookUp(client, { StartTime: EndTime, EndTime: StartTime })).rejects.toMatchObject({
      name: 'InvalidTimeRangeException',
    });
  });

  it('are only from the Region in the credential scope', async () => {
    const server = await start({ records: [callRecord('here'), callRecord('there', { awsRegion: 'us-east-1' })] });
    expect(await idsFound(clientOf(server, { region: 'us-east-1' }))).toEqual(['there']);
    expect(await idsFound(clientOf(server, { region: 'ap-south-1' }))).toEqual([]);
  });

  it("are only from the caller's account, if access keys are mapped to accounts", async () => {
    const accounts = { [KEY]: '111122223333', AKIABOB0000000000001: '444455556666' };
    const records = [callRecord('mine'), callRecord('theirs', { recipientAccountId: '444455556666' })];
    const server = await start({ accounts, records });
    expect(await idsFound(clientOf(server))).toEqual(['mine']);
    expect(await idsFound(clientOf(server, { accessKeyId: 'AKIABOB0000000000001' }))).toEqual(['theirs']);
    await expect(lookUp(clientOf(server, { accessKeyId: 'AKIANOBODY0000000001' }))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  it('are only management events, without Insights events', async () => {
    const server = await start();
    const notKept = server.add([
      callRecord('data', { eventCategory: 'Data' }),
      callRecord('uncategorised', { eventCategory: undefined }),
      callRecord('timeless', { eventTime: 'yesterday' }),
      callRecord('nowhere', { awsRegion: undefined }),
      'no record',
      callRecord('old-data', { eventCategory: undefined, managementEvent: false }),
    ]);
    expect(notKept).toEqual([
      { index: 0, reason: 'not-a-management-event' },
      { index: 2, reason: 'no-event-time' },
      { index: 3, reason: 'no-region' },
      { index: 4, reason: 'not-an-object' },
      { index: 5, reason: 'not-a-management-event' },
    ]);
    const client = clientOf(server);
    expect(await idsFound(client)).toEqual(['uncategorised']);
    expect(await idsFound(client, { EventCategory: 'insight' })).toEqual([]);
  });

  it('have an event only after its delivery', async () => {
    let now = NOW;
    const records = [callRecord('slow', { eventTime: at(0) })];
    const client = clientOf(await start({ records, now: () => now, deliveryDelay: 5 * MINUTE }));
    now += 5 * MINUTE - 1;
    expect(await idsFound(client)).toEqual([]);
    now += 1;
    expect(await idsFound(client)).toEqual(['slow']);
  });

  it('can overtake each other if the delay is a function of the record', async () => {
    const records = [
      callRecord('first', { eventTime: at(2 * MINUTE) }),
      callRecord('second', { eventTime: at(MINUTE) }),
    ];
    const deliveryDelay = (record: { readonly [field: string]: unknown }) =>
      (record.eventID === 'first' ? 8 : 1) * MINUTE;
    expect(await idsFound(clientOf(await start({ records, deliveryDelay })))).toEqual(['second']);
  });
});

const samples = new URL('../../../shared/data/lookup-events/', import.meta.url);

describe.skipIf(!existsSync(samples))('real answers (skipped where ../shared/data does not exist)', () => {
  it.each([['aws-samples-eks-immersion-day.responses.jsonl'], ['plaso.jsonl']])(
    '%s: events come back as AWS gave them',
    async (file) => {
      for (const event of eventsIn(file)) {
        const record = objectIn(textAt(event, 'CloudTrailEvent') ?? '');
        const server = await start({ records: [record], now: () => Date.parse(textAt(record, 'eventTime') ?? '') });
        const region = textAt(record, 'awsRegion') ?? '';
        const { Events: [ours] = [] } = await lookUp(clientOf(server, { region }));
        const { Resources, EventTime, CloudTrailEvent, ...fields } = ours ?? {};
        expect(fields).toEqual({ ...event, Resources: undefined, EventTime: undefined, CloudTrailEvent: undefined });
        expect(EventTime).toEqual(new Date(textAt(event, 'EventTime') ?? ''));
        expect(objectIn(CloudTrailEvent ?? '')).toEqual(record);
        if (fields.EventSource === 'eks-auth.amazonaws.com') expect(Resources).toEqual(event.Resources);
      }
    },
  );

  function eventsIn(file: string): readonly JsonObject[] {
    const lines = readFileSync(new URL(file, samples), 'utf8').trim().split('\n');
    const answers = lines.map(objectIn);
    return answers.flatMap((answer) => (Array.isArray(answer.Events) ? answer.Events : [answer])).filter(isJsonObject);
  }
});

function objectIn(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  return isJsonObject(value) ? value : {};
}
