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
  'fields of a log line in quotes': `"x" auditID="${AUDIT_ID}" user="victim" accessKeyId="${KEY}"`,
  'fields with colons': `x, Audit ID: ${AUDIT_ID}, User: victim, Access key: ${KEY}`,
  'a refusal':
    'x secrets is forbidden: User "victim" cannot get resource "secrets" in API group "" in the namespace "shop"',
  'a refused escalation':
    'roles.rbac.authorization.k8s.io "x" is forbidden: user "victim" (groups=[]) is attempting to grant RBAC permissions not currently held:',
  'a denial by AWS': `User: ${ARN} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/x`,
  'HTML with fields': `x<br>User: victim<br>Audit ID: ${AUDIT_ID}<br>`,
  'a row with bars': `x | victim | ${AUDIT_ID} | ${KEY}`,
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

/** Writes the fields of an alert. A value is raw if its layout neither quotes nor escapes it. */
type Write = (pairs: Pairs) => string;
type Pairs = readonly (readonly [name: string, value: string])[];

const lines = (write: (name: string, value: string) => string) => (pairs: Pairs) =>
  pairs.map(([name, value]) => write(name, value)).join('\n');
const quoted = (value: string) => (/[^a-z]/.test(value) ? JSON.stringify(value) : value);
const inCsv = (value: string) => `"${value.replaceAll('"', '""')}"`;
const inHtml = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const table =
  (separator: string, inCell = (value: string) => value) =>
  (pairs: Pairs) =>
    `${pairs.map(([name]) => name).join(separator)}\n${pairs.map(([, value]) => inCell(value)).join(separator)}`;
const withoutBars = (value: string) => value.replaceAll('|', '\\|');

const LABELED: Readonly<Record<string, Write>> = {
  'names with colons': lines((name, value) => `${name}: ${value}`),
  'names with colons and quotes': lines((name, value) => `${name}: ${JSON.stringify(value)}`),
  'names with equals signs': lines((name, value) => `${name} = ${value}`),
  'a field with quotes in each line': lines((name, value) => `${name}=${JSON.stringify(value)}`),
  'bold names of Markdown': lines((name, value) => `- **${name}:** \`${value}\``),
  'names with arrows': lines((name, value) => `${name} -> ${value}`),
  'names with tabs': lines((name, value) => `${name}\t${value}`),
  'two columns': lines((name, value) => `${name.padEnd(40)}${value}`),
  'names above values': lines((name, value) => `${name}\n${value}`),
  'bold names above values': lines((name, value) => `*${name}*\n${value}\n`),
  'a mail': (pairs) => `Hi,\n\nplease look at this:\n\n${lines((name, value) => `${name}: ${value}`)(pairs)}\n\nThanks`,
  'a quoted mail': lines((name, value) => `> ${name}: ${value}`),
  'a table in HTML': (pairs) =>
    `<table>${pairs.map(([name, value]) => `<tr><td>${name}</td><td>${inHtml(value)}</td></tr>`).join('')}</table>`,
  'a table of Markdown': (pairs) =>
    `| Field | Value |\n|---|---|\n${lines((name, value) => `| ${name} | ${withoutBars(value)} |`)(pairs)}`,
  'a row of Markdown': (pairs) =>
    `| ${pairs.map(([name]) => name).join(' | ')} |\n|${pairs.map(() => '---').join('|')}|\n| ${pairs
      .map(([, value]) => withoutBars(value))
      .join(' | ')} |`,
  'a row with bars': table(' | '),
  'a row below a title': (pairs) => `Alert of today\n\n${table(' | ')(pairs)}\n`,
  'a table of kubectl': (pairs) =>
    `${pairs.map(([name]) => name.toUpperCase().padEnd(50)).join('  ')}\n${pairs.map(([, value]) => value.padEnd(50)).join('  ')}`,
  'CSV with quotes': table(',', inCsv),
  'CSV with semicolons': table(';', inCsv),
  'CSV without quotes': table(','),
  'rows with tabs': table('\t'),
  'a list of fields in Slack': (pairs) =>
    JSON.stringify({ attachments: [{ fields: pairs.map(([title, value]) => ({ title, value, short: true })) }] }),
  'blocks of Slack': (pairs) =>
    JSON.stringify({
      blocks: [
        { type: 'section', fields: pairs.map(([name, value]) => ({ type: 'mrkdwn', text: `*${name}*\n${value}` })) },
      ],
    }),
  'facts of Teams': (pairs) =>
    JSON.stringify({ '@type': 'MessageCard', sections: [{ facts: pairs.map(([name, value]) => ({ name, value })) }] }),
  logfmt: (pairs) => pairs.map(([name, value]) => `${name}=${quoted(value)}`).join(' '),
  // If a value has quotes of its own, nothing shows that its writer did not write them.
  'logfmt without quotes': (pairs) => pairs.map(([name, value]) => `${name}=${value.replaceAll('"', "'")}`).join(' '),
  'labels of Prometheus': (pairs) => `{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`,
  'one line with commas': (pairs) => pairs.map(([name, value]) => `${name}: ${value}`).join(', '),
  'one line with bars': (pairs) => pairs.map(([name, value]) => `${name}: ${value}`).join(' | '),
  'a value in a block of YAML': lines((name, value) =>
    value.includes(' ') ? `${name}: >-\n  ${value.replaceAll(' ', '\n  ')}` : `${name}: ${value}`,
  ),
  'a value that goes on in other lines': lines((name, value) => `${name}: ${value.replaceAll(' ', '\n    ')}`),
};

/** Layouts in which nothing shows where the value of a caller ends, so that what comes after it cannot be read. */
const UNCLEAR = /without quotes|one line|row|a table of kubectl/;

/** All fields and values that callers can forge. The fields take turns in where they stand among the others of the alert. */
const FORGERIES = CHOSEN.flatMap((field, at) =>
  Object.values(FORGED).map((forged, index) => ({ field, value: textOf(forged), place: ((at + index) % 3) * 2 })),
);

describe.each(Object.entries(CALLERS))('an alert in text with %s', (_, caller) => {
  const own = Object.entries({ ...REQUEST, ...caller }).map(([name, value]) => [name, String(value)] as const);
  const textsIn = (write: Write) =>
    FORGERIES.map(({ field, value, place }) => write([...own.slice(0, place), [field, value], ...own.slice(place)]));

  it.each(Object.entries(LABELED))('states nothing of what a caller wrote in %s', (layout, write) => {
    const isTold = own.length > Object.keys(REQUEST).length && !UNCLEAR.test(layout);
    for (const text of textsIn(write)) {
      expectNoVictim(text);
      // The user of a process is the container's.
      if (isTold && !/\bproc\./.test(text)) expect(JSON.stringify(recognize(text)), text).toMatch(IS_ATTACKER);
    }
  });
});

const IS_ATTACKER = /"(?:arn|person|username)":"[^"]*mallory/;

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
