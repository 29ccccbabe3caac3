import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { asRequests, type RecognizedText } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import { parseInstant } from '../../lib/time.ts';
import { describedRequest } from '../../lib/usecases/query/anything/described-request.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, KEY, ROLE_NAME, utc } from '../builders/company.ts';
import { SESSION_ARN, UUID } from './samples.ts';

const OTHER_UUID = UUID.replace(/^./, '9');
const CLUSTER_ARN = `arn:aws:eks:eu-central-1:${ACCOUNT}:cluster/prod`;
const [FIRST, LAST] = [utc('12:09:00'), utc('12:10:00')];
const ROLE = { role: `arn:aws:iam::${ACCOUNT}:role/${ROLE_NAME}` };

function read(alert: unknown): RecognizedText {
  const found = asRequests(recognize(JSON.stringify(alert, undefined, 2)));
  if (found.outcome !== 'subjects') throw new Error(`${found.outcome}: ${found.advice}`);
  return found;
}

const subjects = (alert: unknown) => read(alert).subjects;

const WIZ: JsonObject = {
  trigger: { source: 'ISSUES', ruleId: UUID },
  issue: { id: OTHER_UUID, created: LAST, projects: 'core' },
  resource: {
    id: UUID,
    name: 'admins',
    type: 'ROLE_BINDING',
    nativeType: 'RoleBinding',
    kubernetesClusterName: 'prod',
    kubernetesNamespaceName: 'shop',
  },
  control: { id: 'wc-1', name: 'Admin by a binding' },
};

const ENTITIES: readonly JsonObject[] = [
  { $id: '3', Name: 'alice-session', FullName: SESSION_ARN, Type: 'account' },
  { $id: '4', Address: '203.0.113.7', Type: 'ip' },
  { $id: '5', ResourceId: CLUSTER_ARN, Type: 'cloud-resource' },
];
const SENTINEL: JsonObject = {
  TenantId: OTHER_UUID,
  SystemAlertId: UUID,
  AlertName: 'Secrets listed',
  TimeGenerated: utc('12:20:00'),
  StartTime: FIRST,
  EndTime: LAST,
  ProcessingEndTime: utc('12:20:00'),
  Entities: JSON.stringify(ENTITIES),
  ExtendedProperties: JSON.stringify({
    'Custom Details': JSON.stringify({ Verb: ['list'], Resource: ['secrets'], Namespace: ['shop'] }),
  }),
  Type: 'SecurityAlert',
};

describe('an alert of an unknown tool', () => {
  it('names the subresource in a field of its own, so that an exec is no create of the pod', () => {
    const details = { verb: 'create', resource: 'pods', subresource: 'exec', name: 'web-0', namespace: 'shop' };
    const { name, ...ofPod } = { ...details, resource: undefined, pod: 'web-0' };
    for (const objectRef of [details, ofPod])
      expect(subjects({ details: { user: SESSION_ARN, p_event_time: utc('12:10:00'), objectRef } })).toMatchObject([
        {
          circumstances: {
            at: parseInstant(utc('12:10:00')),
            request: { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'shop', name },
          },
        },
      ]);
  });

  it('names its object, cluster and namespace, and when it was written', () => {
    expect(read(WIZ)).toMatchObject({ as: 'an alert in JSON', notes: [expect.stringContaining('known names')] });
    expect(subjects(WIZ)).toEqual([
      {
        by: 'request',
        circumstances: {
          at: parseInstant(LAST),
          isWrittenLater: true,
          cluster: 'prod',
          request: { resource: 'rolebindings', namespace: 'shop', name: 'admins' },
          finding: 'Admin by a binding',
        },
      },
    ]);
  });

  it('of Sysdig about an exec is about that request, although it does not name the type of the pod', () => {
    const fields = { 'ka.user.name': SESSION_ARN, 'ka.target.name': 'web-0', 'ka.target.namespace': 'shop' };
    expect(subjects({ content: { fields: { ...fields, 'ka.target.subresource': 'exec' } } })).toMatchObject([
      { circumstances: { request: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' } } },
    ]);
  });

  describe('of Wiz, about events of an audit log', () => {
    const PATH = '/api/v1/namespaces/shop/serviceaccounts/deployer/token';
    const event = { cloudPlatform: 'EKS', eventTime: FIRST, externalId: UUID, path: PATH, actorIP: '203.0.113.7' };
    const detection = (...triggeringEvents: readonly JsonObject[]): JsonObject => ({
      trigger: { source: 'DETECTIONS', type: 'Created', ruleId: OTHER_UUID, ruleName: 'forward' },
      id: OTHER_UUID,
      title: 'Service account token created',
      createdAt: LAST,
      primaryActor: { externalId: SESSION_ARN, type: 'ASSUMED_ROLE' },
      primaryResource: { externalId: CLUSTER_ARN, type: 'KUBERNETES_CLUSTER' },
      triggeringEvents,
    });

    it('states the audit ID and the path of its event, and not the rule that forwarded it', () => {
      expect(subjects(detection(event))).toMatchObject([
        {
          by: 'session',
          circumstances: {
            at: parseInstant(FIRST),
            auditId: UUID,
            request: { uri: PATH },
            sourceIps: ['203.0.113.7'],
            finding: 'Service account token created',
          },
        },
      ]);
    });

    it('does not call the ID of another event an audit ID', () => {
      const others = [
        { ...event, cloudPlatform: 'AWS', path: undefined },
        { ...event, externalId: 'Ptrace##web-0' },
      ];
      for (const other of others) expect(subjects(detection(other))[0]?.circumstances.auditId).toBeUndefined();
    });

    it.each([
      ['an object', (raw: JsonObject) => raw],
      ['a text', (raw: JsonObject) => JSON.stringify(raw)],
    ])('is about the audit event that it carries as %s', (_, carried) => {
      const rawAuditLogRecord = carried(eventBy(roleUser(), { auditID: UUID }));
      const found = read(detection({ ...event, rawAuditLogRecord }));
      expect([found.as, found.subjects]).toMatchObject(['an audit event', [{ circumstances: { auditId: UUID } }]]);
      expect(found.events.size).toBe(1);
    });
  });

  /** An incident of Microsoft Sentinel as its trigger for Logic Apps has it: the fields are below `properties`. */
  const INCIDENT: JsonObject = {
    object: {
      id: `/subscriptions/${UUID}/resourceGroups/soc/providers/Microsoft.SecurityInsights/Incidents/${OTHER_UUID}`,
      properties: {
        title: 'Secrets listed',
        severity: 'High',
        owner: { assignedTo: 'soc.analyst' },
        createdTimeUtc: utc('12:25:00'),
        firstActivityTimeUtc: FIRST,
        lastActivityTimeUtc: LAST,
        relatedEntities: [
          { kind: 'Account', properties: { accountName: SESSION_ARN, friendlyName: 'alice-session' } },
          { kind: 'Ip', properties: { address: '203.0.113.7' } },
        ],
        alerts: [
          {
            kind: 'SecurityAlert',
            properties: {
              systemAlertId: UUID,
              additionalData: {
                'Custom Details': JSON.stringify({ Verb: ['list'], Resource: ['secrets'], Namespace: ['shop'] }),
              },
            },
          },
        ],
      },
    },
  };

  it('can be an incident with its alerts and entities', () => {
    expect(subjects(INCIDENT)).toMatchObject([
      {
        by: 'session',
        arn: SESSION_ARN,
        circumstances: {
          since: parseInstant(FIRST),
          at: parseInstant(LAST),
          request: { verb: 'list', resource: 'secrets', namespace: 'shop' },
          sourceIps: ['203.0.113.7'],
        },
      },
    ]);
  });

  it('as a row of the table of incidents alone has only IDs, none of which is an audit ID', () => {
    const row = { Type: 'SecurityIncident', IncidentName: OTHER_UUID, AlertIds: JSON.stringify([UUID]) };
    const found = recognize(JSON.stringify({ TimeGenerated: LAST, ...row }));
    expect(found).toMatchObject({ outcome: 'nothing', notes: [expect.stringContaining('rows of SecurityAlert')] });
  });

  it('can be a row of the table of incidents, with the alerts and entities that a query joined', () => {
    const { Type: _, StartTime: _start, EndTime: _end, ...alert } = SENTINEL;
    const row = {
      TimeGenerated: utc('12:25:00'),
      IncidentName: OTHER_UUID,
      Title: 'Secrets listed',
      FirstActivityTime: FIRST,
      LastActivityTime: LAST,
      AlertIds: JSON.stringify([UUID]),
      AdditionalData: JSON.stringify({ alertsCount: 1, tactics: ['CredentialAccess'] }),
      Type: 'SecurityIncident',
      Alerts: JSON.stringify([alert]),
    };
    expect(subjects(row)).toMatchObject([
      { by: 'session', arn: SESSION_ARN, circumstances: { since: parseInstant(FIRST), at: parseInstant(LAST) } },
    ]);
  });

  it('is read in the JSON of its texts, with its first and last time', () => {
    expect(subjects(SENTINEL)).toEqual([
      {
        by: 'session',
        arn: SESSION_ARN,
        sessionName: SESSION_ARN.split('/').at(-1),
        ...ROLE,
        circumstances: {
          since: parseInstant(FIRST),
          at: parseInstant(LAST),
          cluster: 'prod',
          request: { verb: 'list', resource: 'secrets', namespace: 'shop' },
          sourceIps: ['203.0.113.7'],
          finding: 'Secrets listed',
        },
      },
    ]);
  });

  it('names the pod and its namespace as Microsoft nests them', () => {
    const pod = {
      $id: '4',
      Name: 'web-0',
      Namespace: { $id: '5', Name: 'shop', Type: 'K8s-namespace' },
      Type: 'K8s-pod',
    };
    expect(subjects({ ...SENTINEL, Entities: JSON.stringify([pod]), ExtendedProperties: '' })).toMatchObject([
      { by: 'request', circumstances: { request: { resource: 'pods', namespace: 'shop', name: 'web-0' } } },
    ]);
  });

  it('does not state a part that it states twice, and says so', () => {
    const ip = { Address: '198.51.100.9', Type: 'ip' };
    const twice = { ...SENTINEL, Entities: JSON.stringify([...ENTITIES, ip]), namespace: 'other' };
    const { notes } = read(twice);
    expect(notes.at(-1)).toBe(
      'Not used, because they have several values: ip.address, customdetails.namespace, namespace.',
    );
    expect(subjects(twice)).toMatchObject([{ circumstances: { request: { verb: 'list', resource: 'secrets' } } }]);
    expect(subjects(twice)[0]?.circumstances).not.toHaveProperty('sourceIps');
  });

  it('looks up each of several callers, without the request', () => {
    const other = { FullName: `${SESSION_ARN}-2`, Type: 'account' };
    const [request, ...callers] = subjects({ ...SENTINEL, Entities: JSON.stringify([...ENTITIES, other]) });
    expect(request).toMatchObject({ by: 'request', circumstances: { request: { resource: 'secrets' } } });
    expect(callers).toMatchObject([{ arn: SESSION_ARN }, { arn: `${SESSION_ARN}-2` }]);
    expect(callers[0]?.circumstances).not.toHaveProperty('request');
  });

  it('has an access key beside the ARN of its session', () => {
    const alert = { id: UUID, actor: { arn: SESSION_ARN, accessKeyId: KEY }, action: 'Create' };
    expect(subjects(alert)).toEqual([
      {
        by: 'session',
        arn: SESSION_ARN,
        sessionName: SESSION_ARN.split('/').at(-1),
        ...ROLE,
        accessKeyId: KEY,
        circumstances: {},
      },
    ]);
  });

  it('of a person by name is about the requests with this name', () => {
    const alert = {
      user: { name: 'dmitri' },
      assignee: { name: 'ben' },
      verb: 'delete',
      resource: { type: 'SECRET', name: 'db' },
    };
    expect(subjects(alert)).toEqual([
      {
        by: 'person',
        person: 'dmitri',
        circumstances: { names: ['dmitri'], request: { verb: 'delete', resource: 'secrets', name: 'db' } },
      },
    ]);
  });

  it('about a process in a pod states no caller', () => {
    const alert = {
      uuid: UUID,
      detectedAt: LAST,
      user: 'www-data',
      process: { commandLine: 'sh -c id', user: { name: 'root' }, parentName: 'bash' },
      k8s: { podName: 'web-0', namespace: 'shop', clusterName: 'prod' },
      host: { ip: '10.0.0.1' },
    };
    expect(subjects(alert)).toEqual([
      {
        by: 'request',
        circumstances: {
          at: parseInstant(LAST),
          isWrittenLater: true,
          cluster: 'prod',
          request: { resource: 'pods', namespace: 'shop', name: 'web-0' },
          action: { command: 'sh -c id' },
          isProcessStart: true,
          startedBy: 'bash',
        },
      },
    ]);
  });

  it('is not believed in what its caller wrote: bodies, user agents, commands and paths', () => {
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/${ROLE_NAME}/carol`;
    const alert = {
      ...WIZ,
      userAgent: arn,
      requestObject: { user: arn, name: 'x' },
      command: arn,
      cmdline: arn,
      requestURI: `/${arn}`,
    };
    expect(subjects(alert)).toMatchObject([{ by: 'request', circumstances: { userAgent: arn } }]);
  });

  it('ignores the objects of other tools, and the machines of an alert', () => {
    const alert = {
      ...SENTINEL,
      Entities: '[]',
      resourceType: 'bucket',
      resourceName: 'logs',
      resource: { type: 'CONTAINER_IMAGE', name: 'nginx' },
      host: { ip: '10.0.0.1' },
    };
    expect(subjects(alert)).toMatchObject([
      { by: 'request', circumstances: { request: { resource: 'secrets', verb: 'list' } } },
    ]);
    expect(subjects(alert)[0]?.circumstances).not.toHaveProperty('sourceIps');
  });

  it('is looked up by its UUIDs only if it states nothing else', () => {
    expect(subjects({ id: UUID, title: 'x' })[0]).toMatchObject({ by: 'audit-id', auditId: UUID });
    expect(subjects({ ...WIZ, auditID: OTHER_UUID })).toMatchObject([{ by: 'audit-id', auditId: OTHER_UUID }]);
  });

  it('does not look a caller up at the time at which it was written', () => {
    const alert = { id: UUID, created: LAST, actor: { arn: SESSION_ARN }, sourceIp: '203.0.113.7' };
    expect(subjects(alert)[0]?.circumstances).toEqual({ sourceIps: ['203.0.113.7'] });
  });

  it('of a list is read alone', () => {
    expect(subjects([WIZ, SENTINEL])).toMatchObject([{ by: 'request' }, { by: 'session' }]);
  });
});

describe('an event of another service in an envelope of EventBridge', () => {
  it.each([
    [
      'AWS Health Event',
      'aws.health',
      { eventTypeCode: 'AWS_RISK_CREDENTIALS_EXPOSED', affectedEntities: [{ entityValue: KEY }] },
    ],
    ['Access Analyzer Finding', 'aws.access-analyzer', { id: OTHER_UUID, principal: { AWS: KEY } }],
  ])('%s leads to the access key in it', (type, source, detail) => {
    const envelope = { version: '0', id: UUID, 'detail-type': type, source, time: LAST, detail };
    expect(subjects(envelope)).toMatchObject([{ by: 'caller', question: { accessKeyId: KEY } }]);
  });

  it('is not a CloudTrail record, if anybody can have written it', () => {
    const detail = {
      eventVersion: '1.08',
      eventName: 'GetObject',
      eventSource: 's3.amazonaws.com',
      userIdentity: { arn: SESSION_ARN },
    };
    const envelope = { 'detail-type': 'AWS API Call via CloudTrail', source: 'mine', detail };
    expect(recognize(JSON.stringify(envelope))).toMatchObject({
      outcome: 'nothing',
      notes: [expect.stringContaining('only one of AWS')],
    });
  });
});

it('has any of several verbs that a search of Splunk collected', () => {
  const row = { 'user.username': 'alice', 'values(verb)': ['create', 'delete'], 'objectRef.resource': 'secrets' };
  const request = { verb: 'create or delete', resource: 'secrets' };
  const { subjects, notes } = read({ result: row });
  expect(subjects).toMatchObject([{ circumstances: { request } }]);
  expect(notes.join()).not.toContain('several values');
  const csv = 'user.username,values(verb),objectRef.resource\nalice,"create\ndelete",secrets\n';
  expect(recognize(csv)).toMatchObject({ subjects: [{ circumstances: { request } }] });
  const described = subjects[0] && describedRequest(subjects[0]);
  expect(described).toMatchObject({ verbs: ['create', 'delete'], isIdentifying: false });
});

it('has the time range, the cluster and the single values that a search of Splunk collected', () => {
  const result = {
    src_ip: '203.0.113.9',
    'user.username': 'system:anonymous',
    firstTime: '2026-03-10T12:09:00',
    lastTime: '2026-03-10T12:10:00',
    cluster_name: '/aws/eks/prod/cluster',
    'values(verb)': ['list'],
    'values(requestURI)': ['/api/v1/pods', '/version'],
  };
  expect(read({ result })).toMatchObject({
    subjects: [
      {
        username: 'system:anonymous',
        circumstances: {
          since: parseInstant(utc('12:09:00')),
          at: parseInstant(utc('12:10:00')),
          cluster: 'prod',
          request: { verb: 'list' },
          sourceIps: ['203.0.113.9'],
        },
      },
    ],
    notes: expect.arrayContaining([expect.stringContaining('several values: result.requesturi')]),
  });
});

it.each(['userAgent', 'http_user_agent', 'requestURI', 'command'])(
  'takes nothing from JSON that the caller wrote as %s',
  (field) => {
    const written = JSON.stringify({
      auditID: OTHER_UUID,
      accessKeyId: 'ASIAVICTIM0000000001',
      username: 'bob',
      verb: 'get',
    });
    const alert = {
      alert: 'Secrets listed',
      'user.username': 'alice',
      verb: 'list',
      resource: 'secrets',
      [field]: written,
    };
    const found = subjects(alert);
    expect(found).toMatchObject([{ by: 'person', person: 'alice', circumstances: { request: { verb: 'list' } } }]);
    expect(found[0]?.circumstances).not.toHaveProperty('auditId');
  },
);
