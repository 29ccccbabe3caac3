import { expect, it } from 'vitest';
import { recognize } from '../../lib/recognize/recognize.ts';
import { ACCOUNT, ROLE_NAME, utc } from '../builders/company.ts';
import { SESSION_ARN } from './samples.ts';

/**
 * One alert, in every layout in which people paste alerts, with the names of fields that tools use. Each must state the same request.
 * Sources of the names: FACTS, "Alerts of other tools".
 */
const TIME = utc('12:10:00');
const VALUES = [SESSION_ARN, 'delete', 'secrets', 'payments', 'db-creds', 'prod', '203.0.113.7', TIME, '403'] as const;

const REQUESTED = { by: 'session', arn: SESSION_ARN, role: `arn:aws:iam::${ACCOUNT}:role/${ROLE_NAME}` };
const CIRCUMSTANCES = {
  at: Date.parse(TIME),
  cluster: 'prod',
  request: { verb: 'delete', resource: 'secrets', namespace: 'payments', name: 'db-creds' },
  sourceIps: ['203.0.113.7'],
  code: 403,
};

type Pairs = readonly (readonly [name: string, value: string])[];

/** The names of the user, verb, resource, namespace, name, cluster, source IP, time and response code. Times of `*` are of the alert. */
const NAMES: Readonly<Record<string, string>> = {
  'the audit log':
    'user.username, verb, objectRef.resource, objectRef.namespace, objectRef.name, cluster, sourceIPs, requestReceivedTimestamp, responseStatus.code',
  'plain words': 'User, Verb, Resource, Namespace, Name, Cluster, Source IP, Time, Status',
  'longer words':
    'Username, Action, Resource type, Namespace, Resource name, Cluster name, Source IP address, Event time, Response code',
  'a ticket':
    'Caller, Operation, Object type, Namespace, Object name, EKS cluster, Client IP, Occurred at, Status code',
  'an incident page': 'Principal, Action, Kind, Namespace, Object, Cluster, IP address, Last seen, HTTP status',
  'a person in a hurry': 'Who, What, Resource, Namespace, Name, Cluster, From, When, Result',
  'Elastic (ECS)':
    'user.name, event.action, orchestrator.resource.type, orchestrator.namespace, orchestrator.resource.name, orchestrator.cluster.name, source.ip, @timestamp*, http.response.status_code',
  'Splunk (CIM)': 'user, action, object_category, namespace, object, cluster, src_ip, orig_time, status',
  Datadog:
    '@usr.name, @verb, @objectRef.resource, @objectRef.namespace, @objectRef.name, kube_cluster_name, @network.client.ip, @requestReceivedTimestamp, @http.status_code',
  'Sysdig and Falco':
    'ka.user.name, ka.verb, ka.target.resource, ka.target.namespace, ka.target.name, kubernetes.cluster.name, ka.sourceips, evt.time, ka.response.code',
  'Microsoft Sentinel':
    'AccountName, Verb, ResourceType, Namespace, ResourceName, ClusterName, SourceIPAddress, TimeGenerated*, StatusCode',
  'Google Chronicle (UDM)':
    'principal.user.user_display_name, network.http.method, target.resource.resource_subtype, target.namespace, target.resource.name, cluster, principal.ip, metadata.event_timestamp, network.http.response_code',
  OCSF: 'actor.user.name, api.operation, resource.type, resource.namespace, resource.name, cluster, src_endpoint.ip, time, api.response.code',
  Panther: 'username, verb, resource, namespace, name, cluster, sourceIPAddress, p_event_time, responseStatus',
  Wiz: 'Actor name, Action, Resource native type, Kubernetes namespace, Resource name, Kubernetes cluster, Actor IP, Event time, Status code',
  'Prisma Cloud':
    'User, Verb, Resource type, Namespace, Resource name, Cluster, Source IP, Request time, Response code',
  Lacework:
    'user_name, verb, object_resource, object_namespace, object_name, cluster_name, source_ip, event_time, response_code',
  CrowdStrike:
    'UserName, Operation, ObjectType, ObjectNamespace, ObjectName, ClusterName, SourceIp, EventTime, ResponseCode',
  'Sumo Logic':
    'user_username, verb, objectRef_resource, objectRef_namespace, objectRef_name, cluster, srcDevice_ip, requestReceivedTimestamp, responseStatus_code',
  GuardDuty: 'Username, Verb, Resource, Namespace, Resource name, Cluster name, Source IPs, Last seen, Status code',
  'PagerDuty and Opsgenie':
    'actor, verb, resource_type, k8s_namespace, resource_name, k8s_cluster, client_ip, event_time, status_code',
};

const lines = (write: (name: string, value: string) => string) => (pairs: Pairs) =>
  pairs.map(([name, value]) => write(name, value)).join('\n');
const json = (value: unknown) => JSON.stringify(value, undefined, 2);

function nested(pairs: Pairs): object {
  const whole: Record<string, unknown> = {};
  for (const [name, value] of pairs) {
    const path = name.split('.');
    let place = whole;
    for (const key of path.slice(0, -1)) {
      const below = place[key];
      const inner: Record<string, unknown> = typeof below === 'object' && below !== null ? { ...below } : {};
      place[key] = inner;
      place = inner;
    }
    place[path.at(-1) ?? name] = value;
  }
  return whole;
}

function yaml(value: object, indent = ''): string {
  return Object.entries(value)
    .map(([name, each]) =>
      typeof each === 'object' ? `${indent}${name}:\n${yaml(each, `${indent}  `)}` : `${indent}${name}: ${each}`,
    )
    .join('\n');
}

const word = (name: string) => name.replaceAll(' ', '_');

const LAYOUTS: Readonly<Record<string, (pairs: Pairs) => string>> = {
  JSON: (pairs) => json(Object.fromEntries(pairs)),
  'nested JSON': (pairs) => json({ title: 'Secret deleted', details: nested(pairs) }),
  'JSON within a text of JSON': (pairs) => json({ message: JSON.stringify(nested(pairs)), level: 'warn' }),
  'a list of names and values in JSON': (pairs) =>
    json({ title: 'Secret deleted', fields: pairs.map(([name, value]) => ({ name, value })) }),
  'names with colons': lines((name, value) => `${name}: ${value}`),
  'names with equals signs': lines((name, value) => `${name} = ${value}`),
  'names with quoted values': lines((name, value) => `${name}="${value}"`),
  'bold names of Markdown': lines((name, value) => `**${name}:** ${value}`),
  'bold names with the colon behind': lines((name, value) => `**${name}**: ${value}`),
  'values in backticks': lines((name, value) => `- **${name}**: \`${value}\``),
  'a list of Slack': lines((name, value) => `- *${name}:* ${value}`),
  bullets: lines((name, value) => `• ${name}: ${value}`),
  emoji: lines((name, value) => `:bust_in_silhouette: ${name}: ${value}`),
  pictures: lines((name, value) => `👤 ${name}: ${value}`),
  'a numbered list': (pairs) => pairs.map(([name, value], at) => `${at + 1}. ${name}: ${value}`).join('\n'),
  'alternate lines': lines((name, value) => `${name}\n${value}`),
  'alternate lines with colons': lines((name, value) => `${name}:\n${value}`),
  'alternate lines with blank ones': lines((name, value) => `${name}\n\n${value}\n`),
  'bold names above values': lines((name, value) => `*${name}*\n${value}`),
  'lines with blank ones between': lines((name, value) => `${name}: ${value}\n`),
  tabs: lines((name, value) => `${name}\t${value}`),
  'columns of spaces': lines((name, value) => `${name.padEnd(45)}${value}`),
  dots: lines((name, value) => `${name} ${'.'.repeat(40 - name.length)} ${value}`),
  'a table of Markdown': (pairs) =>
    `| Field | Value |\n|---|---|\n${pairs.map(([name, value]) => `| ${name} | ${value} |`).join('\n')}`,
  'a table with its names above': (pairs) =>
    `| ${pairs.map(([name]) => name).join(' | ')} |\n|${pairs.map(() => '---').join('|')}|\n| ${pairs.map(([, value]) => value).join(' | ')} |`,
  'a table of Jira': lines((name, value) => `||${name}|${value}|`),
  arrows: lines((name, value) => `${name} -> ${value}`),
  dashes: lines((name, value) => `${name} - ${value}`),
  'an HTML mail': (pairs) =>
    `<table>${pairs.map(([name, value]) => `<tr><td><b>${name}</b></td><td>${value}</td></tr>`).join('')}</table>`,
  'HTML with line breaks': (pairs) => pairs.map(([name, value]) => `<b>${name}:</b> ${value}<br>`).join('\n'),
  'a quoted mail': lines((name, value) => `> ${name}: ${value}`),
  'a mail below other lines': (pairs) =>
    `Hi all,\n\nplease look at this one:\n\n${lines((name, value) => `${name}: ${value}`)(pairs)}\n\nThanks\n`,
  'a block of code': (pairs) => `Alert:\n\`\`\`\n${lines((name, value) => `${name}: ${value}`)(pairs)}\n\`\`\``,
  YAML: (pairs) => `details:\n${yaml(nested(pairs), '  ')}`,
  'YAML with quotes': lines((name, value) => `${name}: "${value}"`),
  CSV: (pairs) => `${pairs.map(([name]) => name).join(',')}\n${pairs.map(([, value]) => value).join(',')}`,
  'CSV with quotes': (pairs) =>
    `${pairs.map(([name]) => `"${name}"`).join(',')}\n${pairs.map(([, value]) => `"${value}"`).join(',')}`,
  'CSV with semicolons': (pairs) =>
    `${pairs.map(([name]) => name).join(';')}\n${pairs.map(([, value]) => value).join(';')}`,
  'rows with tabs': (pairs) =>
    `${pairs.map(([name]) => name).join('\t')}\n${pairs.map(([, value]) => value).join('\t')}`,
  'one line with commas': (pairs) => pairs.map(([name, value]) => `${name}: ${value}`).join(', '),
  'one line with bars': (pairs) => pairs.map(([name, value]) => `${name}: ${value}`).join(' | '),
  syslog: (pairs) =>
    `<134>1 ${TIME} siem alerts - - - ${pairs.map(([name, value]) => `${word(name)}="${value}"`).join(' ')}`,
  logfmt: (pairs) => pairs.map(([name, value]) => `${word(name)}=${value}`).join(' '),
  CEF: (pairs) =>
    `CEF:0|Vendor|Product|1.0|100|Secret deleted|7|${pairs.map(([name, value]) => `${word(name)}=${value}`).join(' ')}`,
  LEEF: (pairs) =>
    `LEEF:1.0|Vendor|Product|1.0|100|${pairs.map(([name, value]) => `${word(name)}=${value}`).join('\t')}`,
};

/** In JSON and in logs, these can name anything: there, only names that tools use are read. */
const OF_PEOPLE = /Who|Kind/;
const OF_MACHINES = /JSON|syslog|logfmt|CEF|LEEF/;
it.each(Object.entries(LAYOUTS))('%s states the same request with the names of each tool', (layout, write) => {
  const names = Object.entries(NAMES).filter(([, stated]) => !(OF_PEOPLE.test(stated) && OF_MACHINES.test(layout)));
  const found = names.map(([tool, stated]) => {
    const pairs = stated.split(', ').map((name, at) => [name.replace('*', ''), VALUES[at] ?? ''] as const);
    return [tool, recognize(write(pairs))];
  });
  expect(Object.fromEntries(found)).toMatchObject(
    Object.fromEntries(
      names.map(([tool, stated]) => {
        // In JSON of an unknown tool, `time` can be when the alert was written (CONTRACT, 12.39).
        const isOfAlert = stated.includes('*') || (layout.includes('JSON') && /, time,/i.test(stated));
        const later = isOfAlert ? { isWrittenLater: true } : {};
        return [
          tool,
          { outcome: 'subjects', subjects: [{ ...REQUESTED, circumstances: { ...CIRCUMSTANCES, ...later } }] },
        ];
      }),
    ),
  );
  const times = found.filter(([tool]) => /CIM|Datadog|Panther/.test(String(tool)));
  expect(JSON.stringify(times)).not.toContain('isWrittenLater');
});

const BLOCK = `Verb: delete
Resource: secrets
Namespace: payments
Name: db-creds
Cluster: prod
Source IP: 203.0.113.7
Status: 403`;
const AT = `Time: ${TIME}`;
const USER = `User: ${SESSION_ARN}`;

it.each<[string, string, string[]?]>([
  ['a caller with a word beside the ARN', `User: alice (${SESSION_ARN})\n${AT}`],
  ['a role and its session', `Role ARN: ${REQUESTED.role}\nSession name: alice-session\n${AT}`],
  ['a user who was impersonated', `${USER}\nImpersonated user: bob\n${AT}`],
  ['people who work on the alert', `Assignee: bob\nOwner: carol\nReported by: ben\n${USER}\n${AT}`],
  ['other ends of the connection', `${USER}\nDestination IP: 10.0.0.1\nHost IP: 10.0.0.2\nTarget user: bob\n${AT}`],
  ['names of rules', `Rule name: no-secrets\nAlert name: Secret deleted by bob\n${USER}\n${AT}`],
  ['a time of the alert beside that of the request', `${USER}\nTime: 2026-03-10T13:00:00Z\nEvent time: ${TIME}`],
  [
    'the header of a mail',
    `From: Ben Okafor <ben@example.com>\nSubject: deleted\n\n${USER}\n${AT}`,
    ['The headers of the mail were not used: From.'],
  ],
])('is about its caller and request, although it has %s', (_, lines, notes = []) => {
  expect(recognize(`${lines}\n${BLOCK}`)).toMatchObject({
    outcome: 'subjects',
    subjects: [{ ...REQUESTED, circumstances: CIRCUMSTANCES }],
    notes,
  });
});

it.each([
  ['User: Alice Smith', 'User (Alice Smith)'],
  ['User: "eve, Verb: get"', 'User (eve, Verb: get)'],
])('does not guess a caller from %s, and says so', (line, words) => {
  expect(recognize(`${line}\n${AT}\n${BLOCK}`)).toMatchObject({
    subjects: [{ by: 'request', circumstances: CIRCUMSTANCES }],
    notes: [`Fields whose values were not used: ${words}.`],
  });
});

it.each(['yesterday 2pm', 'Mar 10, 2026 @ 12:10:00.000'])('says that the time %s was not used', (time) => {
  const { at: _, ...rest } = CIRCUMSTANCES;
  const found = recognize(`${USER}\nTime: ${time}\n${BLOCK}`);
  expect(found).toMatchObject({
    subjects: [{ circumstances: rest }],
    notes: [expect.stringContaining(`Time (${time})`)],
  });
  expect(JSON.stringify(found)).not.toMatch(/"(?:at|clock)"/);
});

it.each([
  ['2026-03-10 12:10 UTC', ''],
  ['12:10 UTC', 'Incident of 2026-03-10\n'],
  ['13:10 CET', 'Incident of 2026-03-10\n'],
])('has the time %s to the minute, by the only date of the text', (time, before) => {
  expect(recognize(`${before}${USER}\nTime: ${time}\n${BLOCK}`)).toMatchObject({
    subjects: [{ circumstances: { since: CIRCUMSTANCES.at - 300_000, at: CIRCUMSTANCES.at + 300_000 } }],
    notes: [],
  });
});
