import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import type { Subject } from '../../lib/recognize/subject.ts';
import { utc } from '../builders/company.ts';

/** Alerts of many tools, in which the caller or a program wrote what looks like something of a victim into a field. */
const KEY = 'ASIAVICTIM0000000001';
const AUDIT_ID = 'aaaaaaaa-50bf-4dc3-ad64-e64d211e4e6e';
const UID = 'aws-iam-authenticator:111122223333:AROAVICTIM0000000001';
const ARN = 'arn:aws:sts::111122223333:assumed-role/victim/victim';
const USER = { username: 'victim', uid: UID, extra: { accessKeyId: [KEY], arn: [ARN], sessionName: ['victim'] } };
const EVENT = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'Metadata',
  auditID: AUDIT_ID,
  stage: 'ResponseComplete',
  verb: 'get',
  user: USER,
  objectRef: { resource: 'secrets', namespace: 'shop', name: 'victim', apiVersion: 'v1' },
  requestReceivedTimestamp: utc('12:00:03'),
};
const TRAIL = {
  eventVersion: '1.08',
  eventName: 'AssumeRole',
  eventSource: 'sts.amazonaws.com',
  eventID: AUDIT_ID,
  eventTime: utc('11:00:00'),
  userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/victim', userName: 'victim' },
  responseElements: { credentials: { accessKeyId: KEY }, assumedRoleUser: { arn: ARN } },
};

const FORGED: Readonly<Record<string, unknown>> = {
  'an audit ID and a cluster': { auditID: AUDIT_ID, cluster: 'victim' },
  'an access key': { accessKeyId: KEY, username: 'victim' },
  'the user of an event': { user: USER },
  'an audit event': EVENT,
  'a list of events': [EVENT],
  'a CloudTrail record': TRAIL,
  'a bare access key': KEY,
  'a bare uid': UID,
  'a bare ARN': ARN,
  'several IDs': `x ${KEY} ${UID} ${ARN} arn:aws:eks:eu-west-1:111122223333:cluster/victim victim@example.com`,
  'fields of a log line': `x auditID=${AUDIT_ID} user=victim accessKeyId=${KEY} uid=${UID} cluster=victim verb=get`,
};

const CHOSEN = [
  ...['userAgent', 'http.user_agent', 'requestURI', 'url', 'query', 'referer', 'headers'],
  ...['command', 'cmdline', 'proc.cmdline', 'process.args', 'process.command_line', 'argv', 'env'],
  ...['output', 'container_output', 'stdout', 'hostname', 'image'],
  ...['annotations', 'requestObject', 'responseObject', 'resource_name', 'objectRef.name'],
];

const CALLERS: Readonly<Record<string, JsonObject>> = {
  'a name': { userName: 'mallory' },
  'an ARN': { principalArn: 'arn:aws:sts::111122223333:assumed-role/evil/mallory' },
  'no caller': {},
};

const REQUEST = { severity: 'high', operation: 'delete', resourceType: 'secrets', k8s_namespace: 'shop' };

const textOf = (forged: unknown) => (typeof forged === 'string' ? forged : JSON.stringify(forged));

function nested(name: string, value: unknown): JsonObject {
  const whole = name.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  return whole as JsonObject;
}

type Layout = (alert: JsonObject, field: string, forged: unknown) => string;
const JSON_LAYOUTS: Readonly<Record<string, Layout>> = {
  'a text': (alert, field, forged) => JSON.stringify({ ...alert, [field]: textOf(forged) }),
  'a text before the others': (alert, field, forged) => JSON.stringify({ [field]: textOf(forged), ...alert }),
  'a text in an object': (alert, field, forged) => JSON.stringify({ ...alert, ...nested(field, textOf(forged)) }),
  'a text deep in the alert': (alert, field, forged) =>
    JSON.stringify({ detail: { evidence: [{ ...alert, [field]: textOf(forged) }] } }),
  'a text in JSON within a text': (alert, field, forged) =>
    JSON.stringify({ rule: 'x', message: JSON.stringify({ ...alert, [field]: textOf(forged) }) }),
  'a list of texts': (alert, field, forged) => JSON.stringify({ ...alert, [field]: ['sh', '-c', textOf(forged)] }),
  'JSON that the tool has opened': (alert, field, forged) => JSON.stringify({ ...alert, [field]: forged }),
  'an object with the original': (alert, field, forged) =>
    JSON.stringify({ ...alert, [field]: { original: forged, raw: textOf(forged) } }),
  'a value beside its name': (alert, field, forged) =>
    JSON.stringify({ ...alert, fields: [{ key: field, value: textOf(forged) }] }),
};

/** Removes what only has to agree with a request: a user agent, a command, a path and the name of an object. */
function withoutWritten({ circumstances, ...subject }: Subject): object {
  const { userAgent, action, request: { uri, name, ...request } = {}, ...others } = circumstances;
  return { ...subject, circumstances: { ...others, request } };
}

function expectNoVictim(text: string): void {
  const found = recognize(text);
  if (found.outcome === 'subjects')
    expect(JSON.stringify([found.subjects.map(withoutWritten), [...found.otherReadings.values()]]), text).not.toMatch(
      /victim|aaaaaaaa-50bf/i,
    );
  if (found.outcome === 'elsewhere')
    expect(JSON.stringify({ ...found.request, userAgent: undefined }), text).not.toMatch(/victim/i);
}

describe.each(Object.entries(CALLERS))('an alert in JSON with %s', (_, caller) => {
  it.each(Object.entries(JSON_LAYOUTS))('states nothing of what a caller wrote as %s', (_, layout) => {
    for (const field of CHOSEN)
      for (const forged of Object.values(FORGED)) expectNoVictim(layout({ ...REQUEST, ...caller }, field, forged));
  });
});

it('has the caller in the field for it, and none whose ID is in a sentence', () => {
  const alert = { ...REQUEST, userName: 'mallory', description: `Deleted with ${KEY}` };
  expect(recognize(JSON.stringify(alert))).toMatchObject({ subjects: [{ by: 'person', person: 'mallory' }] });
});

it.each(['body', 'message', 'log'])('is not replaced by an event in its field %s', (field) => {
  const alert = { ...REQUEST, userName: 'mallory', auditID: 'bbbbbbbb-50bf-4dc3-ad64-e64d211e4e6e' };
  expectNoVictim(JSON.stringify({ ...alert, [field]: JSON.stringify(EVENT) }));
});
