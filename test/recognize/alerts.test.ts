import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { asRequests } from '../../lib/recognize/recognition.ts';
import { recognize } from '../../lib/recognize/recognize.ts';
import type { Circumstances, Subject } from '../../lib/recognize/subject.ts';
import { parseInstant } from '../../lib/time.ts';
import { ACCOUNT, KEY, ROLE_NAME, utc } from '../builders/company.ts';
import { asffFinding, kubernetesFinding, SESSION_ARN, UID, UUID, upperCamel } from './samples.ts';

const json = (value: unknown) => JSON.stringify(value, undefined, 2);

function only(text: string): Subject {
  const found = asRequests(recognize(text));
  if (found.outcome !== 'subjects') throw new Error(`${found.outcome}: ${found.advice}`);
  const [subject, ...others] = found.subjects;
  expect(others).toEqual([]);
  if (subject === undefined) throw new Error('nobody');
  return subject;
}

const SESSION = { by: 'session', arn: SESSION_ARN, role: `arn:aws:iam::${ACCOUNT}:role/${ROLE_NAME}` };
const AGENT = 'kubectl/v1.33.0 (linux/amd64)';
const URI = '/api/v1/namespaces/shop/secrets/db';
const AT = parseInstant(`${utc('12:10:00').slice(0, 19)}.202Z`);

const FALCO_REQUEST: JsonObject = {
  hostname: 'falco-0',
  output: `12:10:00.202000000: Notice K8s Secret Get (user=mallory secret=db)`,
  output_fields: {
    'evt.time': 1_773_144_600_202_000_000,
    'ka.auditid': UUID,
    'ka.response.code': '200',
    'ka.sourceips': '203.0.113.7',
    'ka.target.name': 'db',
    'ka.target.namespace': 'shop',
    'ka.target.resource': 'secrets',
    'ka.target.subresource': null,
    'ka.uri': URI,
    'ka.user.name': SESSION_ARN,
    'ka.useragent': AGENT,
    'ka.verb': 'get',
  },
  priority: 'Notice',
  rule: 'K8s Secret Get Successfully',
  source: 'k8s_audit',
  time: '2026-03-10T12:10:00.202000000Z',
};

const AUDIT: JsonObject = {
  auditID: UUID,
  verb: 'get',
  requestURI: URI,
  objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', apiVersion: 'v1' },
  user: {
    username: SESSION_ARN,
    uid: UID,
    extra: { accessKeyId: [KEY], sessionName: ['alice-session'], arn: [SESSION_ARN] },
  },
  sourceIPs: ['203.0.113.7'],
  userAgent: AGENT,
  responseStatus: { code: 200 },
  requestReceivedTimestamp: '2026-03-10T12:10:00.202000Z',
  stageTimestamp: '2026-03-10T12:10:00.299Z',
  requestObject: { user: { username: 'mallory' }, verb: 'delete' },
};

const ELASTIC_SOURCE: JsonObject = {
  '@timestamp': utc('12:40:00'),
  'kibana.alert.rule.name': 'Secrets read',
  'kibana.alert.original_time': utc('12:30:00'),
  event: { dataset: 'kubernetes.audit_logs', kind: 'signal', action: 'get' },
  orchestrator: { cluster: { name: 'prod' } },
  user: { name: 'mallory', id: 'x' },
};

const DATADOG_ATTRIBUTES: JsonObject = {
  auditID: UUID,
  usr: { id: SESSION_ARN },
  network: { client: { ip: '203.0.113.7' } },
  http: { method: 'get', status_code: 200, useragent: AGENT, url_details: { path: URI } },
  objectRef: { resource: 'secrets', namespace: 'shop', name: 'db' },
};

const STATED: Circumstances = {
  at: AT,
  auditId: UUID,
  request: { verb: 'get', uri: URI, resource: 'secrets', namespace: 'shop', name: 'db' },
  code: 200,
  sourceIps: ['203.0.113.7'],
  userAgent: AGENT,
};
const CALLER = {
  by: 'caller',
  question: { uid: UID, username: SESSION_ARN, accessKeyId: KEY, sessionName: 'alice-session', arn: SESSION_ARN },
};

describe('an alert about a request to the API server states all of it, and the time of the request, not of the alert', () => {
  it.each<[string, string, JsonObject, object, Circumstances]>([
    ['Falco', 'an alert of Falco', FALCO_REQUEST, SESSION, { finding: 'K8s Secret Get Successfully' }],
    [
      'Falco in a search engine',
      'an alert of Falco',
      { _index: 'falco', _source: FALCO_REQUEST },
      SESSION,
      { finding: 'K8s Secret Get Successfully' },
    ],
    [
      'Elastic',
      'an alert or event of Elastic',
      { _index: '.alerts', _source: { ...ELASTIC_SOURCE, kubernetes: { audit: AUDIT } } },
      CALLER,
      { cluster: 'prod', finding: 'Secrets read' },
    ],
    [
      'Elastic, with dots in names and lists of one',
      'an alert or event of Elastic',
      { fields: dotted({ ...ELASTIC_SOURCE, kubernetes: { audit: AUDIT } }) },
      CALLER,
      { cluster: 'prod', finding: 'Secrets read' },
    ],
    [
      'Datadog',
      'an event of Datadog',
      {
        type: 'log',
        attributes: {
          timestamp: '2026-03-10T12:10:00.202Z',
          tags: ['kube_cluster_name:prod', 'source:kubernetes.audit'],
          message: 'secrets',
          attributes: DATADOG_ATTRIBUTES,
        },
      },
      SESSION,
      { cluster: 'prod' },
    ],
    [
      "Datadog's page",
      'an event of Datadog',
      { content: { timestamp: '2026-03-10T12:10:00.202Z', tags: [], attributes: DATADOG_ATTRIBUTES } },
      SESSION,
      {},
    ],
    [
      'Datadog, with the fields of the audit event',
      'an event of Datadog',
      { attributes: { timestamp: utc('12:40:00'), tags: ['source:kubernetes.audit'], attributes: AUDIT } },
      CALLER,
      {},
    ],
  ])('%s', (_, as, alert, caller, more) => {
    expect(recognize(json(alert))).toMatchObject({ as });
    const { circumstances, ...subject } = only(json(alert));
    expect(subject).toMatchObject(caller);
    expect(circumstances).toEqual({ ...STATED, ...more });
  });

  it('of exec has the command', () => {
    const fields = {
      'ka.user.name': 'oidc:lena',
      'ka.target.name': 'web-0',
      'ka.uri.param[command]': 'psql',
      'ka.target.resource': 'pods',
      'ka.target.subresource': 'exec',
    };
    const { circumstances } = only(json({ ...FALCO_REQUEST, output_fields: fields }));
    expect(circumstances).toMatchObject({ action: { command: 'psql' }, request: { subresource: 'exec' } });
  });

  it('without a caller is looked up by its audit ID, else as a request', () => {
    const ofFalco = (fields: JsonObject) => json({ ...FALCO_REQUEST, output_fields: fields });
    expect(only(ofFalco({ 'ka.verb': 'get', 'ka.auditid': UUID }))).toMatchObject({ by: 'audit-id', auditId: UUID });
    expect(only(ofFalco({ 'ka.verb': 'get', 'ka.uri': URI }))).toMatchObject({ by: 'request' });
  });

  it('that has only the time at which it was written says so', () => {
    const { 'kibana.alert.original_time': _time, ...source } = ELASTIC_SOURCE;
    expect(only(json(source)).circumstances).toMatchObject({ at: parseInstant(utc('12:40:00')), isWrittenLater: true });
  });

  it.each([
    ['serviceaccounts/token', { resource: 'serviceaccounts', subresource: 'token' }],
    ['pods/exec', { resource: 'pods', subresource: 'exec' }],
  ])('that states the type %s states a resource and a subresource', (type, request) => {
    const orchestrator = { namespace: 'shop', resource: { type, name: 'web' } };
    const { circumstances } = only(json({ ...ELASTIC_SOURCE, orchestrator }));
    expect(circumstances.request).toEqual({ verb: 'get', ...request, namespace: 'shop', name: 'web' });
  });

  it('as a line of Falco', () => {
    const line = `2026-03-10T12:10:00.202000000+0000: Notice Attach/Exec to pod (user=${SESSION_ARN} pod=web-0 resource=pods ns=shop action=exec command=sh)`;
    expect(only(line)).toMatchObject({
      ...SESSION,
      circumstances: { at: AT, request: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' } },
    });
  });
});

/** The same document with whole paths as names, and each value in a list. */
function dotted(value: JsonObject, path = ''): JsonObject {
  const parts = Object.entries(value).map(([key, each]) => {
    if (Array.isArray(each)) return { [path + key]: each };
    return typeof each === 'object' && each !== null ? dotted({ ...each }, `${path}${key}.`) : { [path + key]: [each] };
  });
  return Object.assign({}, ...parts) as JsonObject;
}

const FALCO_LINE =
  '2026-03-10T12:10:00.202000000+0000: Notice A shell was spawned in a container with an attached terminal ' +
  '(evt_type=execve user=root user_uid=0 user_loginuid=-1 process=sh proc_exepath=/bin/sh parent=runc command=sh -c id ' +
  'terminal=34816 container_id=3f1c9a2b7d40 container_name=api k8s_pod_name=web-0 k8s_ns_name=shop)';
const FALCO_PROCESS: JsonObject = {
  rule: 'Terminal shell in container',
  source: 'syscall',
  time: '2026-03-10T12:10:00.202000000Z',
  output: FALCO_LINE,
  output_fields: {
    'container.id': '3f1c9a2b7d40',
    'k8s.ns.name': 'shop',
    'k8s.pod.name': 'web-0',
    'proc.cmdline': 'sh -c id',
    'proc.name': 'sh',
    'user.name': 'root',
    'user.uid': 0,
  },
};
const RUNTIME_FINDING: JsonObject = {
  schemaVersion: '2.0',
  type: 'Execution:Runtime/SuspiciousShellCreated',
  updatedAt: utc('12:40:00'),
  resource: {
    eksClusterDetails: { name: 'prod' },
    kubernetesDetails: { kubernetesWorkloadDetails: { name: 'web-0', type: 'pods', namespace: 'shop', uid: UUID } },
  },
  service: {
    serviceName: 'guardduty',
    eventFirstSeen: utc('12:20:00'),
    eventLastSeen: utc('12:30:00'),
    runtimeDetails: {
      process: {
        name: 'sh',
        executablePath: '/bin/sh',
        startTime: '2026-03-10T12:10:00.202Z',
        user: 'root',
        userId: 0,
      },
    },
  },
};

describe('an alert about a process in a container has no caller, but the pod, the command and the time', () => {
  it.each<[string, string, string]>([
    ['a line of Falco', FALCO_LINE, 'sh -c id'],
    ['an alert of Falco', json(FALCO_PROCESS), 'sh -c id'],
    ['a finding of GuardDuty', json(RUNTIME_FINDING), 'sh'],
    ['a finding of the API', json({ Findings: [upperCamel(RUNTIME_FINDING)] }), 'sh'],
    [
      'an alert of Elastic',
      json({
        'kibana.alert.rule.name': 'Shell in a container',
        '@timestamp': utc('12:40:00'),
        orchestrator: { namespace: 'shop', resource: { type: 'pod', name: 'web-0' } },
        process: { start: '2026-03-10T12:10:00.202Z', args: ['sh', '-c', 'id'], name: 'sh' },
        user: { name: 'root' },
      }),
      'sh -c id',
    ],
  ])('%s', (_, text, command) => {
    expect(only(text)).toMatchObject({
      by: 'request',
      circumstances: {
        at: AT,
        isProcessStart: true,
        request: { resource: 'pods', namespace: 'shop', name: 'web-0' },
        action: { command },
      },
    });
  });

  it.each([1_773_144_600, 1_773_144_600_000, 1_773_144_600_000_000, 1_773_144_600_000_000_000])(
    'can have its time as a number: %s',
    (startTime) => {
      const finding = JSON.stringify(RUNTIME_FINDING).replace('"2026-03-10T12:10:00.202Z"', String(startTime));
      expect(only(finding)).toMatchObject({ circumstances: { at: Date.parse('2026-03-10T12:10:00Z') } });
    },
  );

  it('can name a workload in place of the pod', () => {
    const finding = JSON.stringify(RUNTIME_FINDING).replace('"type":"pods"', '"type":"deployments"');
    expect(only(finding)).toMatchObject({
      circumstances: { isOfWorkload: true, request: { resource: 'deployments', namespace: 'shop', name: 'web-0' } },
    });
  });

  it.each([
    ['its ancestors', { lineage: [{ name: 'java', pid: 1 }] }, 'java'],
    [
      'its parent among them',
      {
        parentUuid: 'b',
        lineage: [
          { uuid: 'a', name: 'java' },
          { uuid: 'b', name: 'runc' },
        ],
      },
      undefined,
    ],
    ['its parent by its path', { lineage: [{ executablePath: '/usr/bin/containerd-shim-runc-v2' }] }, undefined],
  ])('has the process that started it from %s', (_, lineage, startedBy) => {
    const finding = JSON.stringify(RUNTIME_FINDING).replace(
      '"userId":0',
      `"userId":0,${JSON.stringify(lineage).slice(1, -1)}`,
    );
    expect(only(finding).circumstances.startedBy).toBe(startedBy);
  });

  it.each([
    ['a pod in the command', FALCO_LINE.replace('-c id', '-c k8s_pod_name=victim')],
    ['a quote that hides the rest', FALCO_LINE.replace('-c id', '-c k8s_pod_name=victim "')],
    ['no pod', FALCO_LINE.replace('k8s_pod_name=web-0', 'k8s_pod_name=<NA>')],
  ])('a line with %s leads to no pod', (_, line) => {
    expect(recognize(line)).toMatchObject({ outcome: 'nothing', as: 'an alert of Falco' });
  });

  it('whose user is the one in the container names nobody, in whatever form', () => {
    const { 'k8s.pod.name': _pod, ...fields } = FALCO_PROCESS.output_fields as JsonObject;
    const ofHost = { 'kibana.alert.rule.name': 'x', user: { name: 'alice' }, process: { name: 'sh' } };
    for (const alert of [{ ...FALCO_PROCESS, output_fields: fields }, ofHost])
      expect(recognize(json(alert))).toMatchObject({ outcome: 'nothing', advice: 'It names no caller to look up.' });
  });
});

it('an alert of Elastic that carries a whole audit event is that event', () => {
  const event = { ...AUDIT, kind: 'Event', apiVersion: 'audit.k8s.io/v1', stage: 'ResponseComplete' };
  const alert = { 'kibana.alert.rule.name': 'x', message: JSON.stringify(event), user: { name: 'mallory' } };
  expect(recognize(json({ _source: { ...alert, user: undefined } }))).toMatchObject({ as: 'an audit event' });
});

describe('an alert as key=value text', () => {
  const request = { verb: 'delete', resource: 'secrets', namespace: 'shop', name: 'db' };
  const stated = {
    by: 'session',
    arn: SESSION_ARN,
    circumstances: {
      at: parseInstant(utc('12:10:00')),
      cluster: 'prod',
      request,
      code: 200,
      sourceIps: ['203.0.113.7'],
    },
  };
  const block = [
    '*Secret deleted*',
    `*User:* ${SESSION_ARN}`,
    '*Verb:* delete',
    '*Resource:* `secrets`',
    '*Namespace:* shop',
    '*Name:* db',
    '*Cluster:* prod',
    '*Status:* 200',
    '*Source IP:* 203.0.113.7',
    '*Time:* 2026-03-10 12:10:00 UTC',
  ];
  it.each([
    [
      'of a log',
      `level=warn msg="secret deleted" user=${SESSION_ARN} verb=delete resource=secrets ns=shop name=db cluster=prod code=200 ip=203.0.113.7 time=${utc('12:10:00')}`,
    ],
    [
      'of labels',
      `{alertname="SecretDeleted", user="${SESSION_ARN}", verb="delete", resource="secrets", namespace="shop", name="db", cluster="prod", status="200", source_ip="203.0.113.7", timestamp="${utc('12:10:00')}"}`,
    ],
    [
      'of event fields',
      `user.username="${SESSION_ARN}" verb=delete objectRef.resource=secrets objectRef.namespace=shop objectRef.name=db cluster_name=prod responseStatus.code=200 sourceIPs=203.0.113.7 ts=1773144600.000`,
    ],
    ['of lines', block.join('\n')],
  ])('has its caller and its request, in the form %s', (_, text) => {
    expect(only(text)).toMatchObject(stated);
  });

  it.each([
    [
      'the cells of a table',
      block.slice(1).map((line) => line.replaceAll(/[*`]/g, '').replace(/: /, '\t').replace('Source IP', 'sourceIPs')),
    ],
    ['labels of several words', block.map((line) => line.replace('*Time:*', '*Last seen:*'))],
  ])('has its caller and its request in %s', (_, lines) => {
    expect(only(lines.join('\n'))).toMatchObject(stated);
  });

  it('has its caller and its request in the lines of Datadog', () => {
    const lines = [
      '[Triggered] Secret deleted',
      'Tags: source:kubernetes kube_cluster_name:prod security:attack',
      'First seen: Tue, 10 Mar 2026 12:09:00 UTC   Last seen: Tue, 10 Mar 2026 12:10:00 UTC',
      `@usr.name: ${SESSION_ARN}`,
      '@network.client.ip: 203.0.113.7',
      '@http.method: delete',
      '@http.status_code: 200',
      '@objectRef.resource: secrets',
      '@objectRef.namespace: shop',
      '@objectRef.name: db',
    ];
    expect(only(lines.join('\n'))).toMatchObject(stated);
    expect(only(lines.join('\n')).circumstances).toMatchObject({ since: parseInstant(utc('12:09:00')) });
  });

  it('was written when the tool first saw it, if it says no other time', () => {
    const lines = [`@usr.name: ${SESSION_ARN}`, '@http.method: delete', '@objectRef.resource: secrets'];
    const { circumstances } = only([...lines, 'First seen: 2026-03-10T12:10:00Z'].join('\n'));
    expect(circumstances).toMatchObject({ at: parseInstant(utc('12:10:00')), isWrittenLater: true });
  });

  it('has its caller and its request in lines with the name of a field and, below it, its value', () => {
    const fields = {
      '@timestamp': 'Mar 10, 2026 @ 12:12:00.000',
      'kibana.alert.rule.name': 'Secret deleted',
      'aws.eks.audit.verb': 'delete',
      'aws.eks.audit.objectRef.resource': 'secrets',
      'aws.eks.audit.objectRef.namespace': 'shop',
      'aws.eks.audit.objectRef.name': 'db',
      'user.name': SESSION_ARN,
      'source.ip': '203.0.113.7',
      'orchestrator.cluster.name': 'prod',
    };
    const { code, at, ...circumstances } = stated.circumstances;
    expect(only(Object.entries(fields).flat().join('\n'))).toMatchObject({ ...stated, circumstances });
    // It is no table with the column `user.name`.
    expect(only(Object.entries(fields).reverse().slice(2).flat().join('\n'))).toMatchObject({ by: 'session' });
  });

  it('has its caller and its request in the fields of an attachment, although its text repeats the caller', () => {
    const fields = {
      'ka.user.name': SESSION_ARN,
      'ka.verb': 'delete',
      'ka.target.resource': 'secrets',
      'ka.target.namespace': 'shop',
      'ka.target.name': 'db',
      rule: 'Secret deleted',
      time: '2026-03-10 12:10:00 +0000 UTC',
    };
    const attachment = {
      text: `12:10:00.000000000: Warning Secret deleted (user=${SESSION_ARN} resp=200)`,
      fields: Object.entries(fields).map(([title, value]) => ({ title, value, short: true })),
    };
    const { cluster, sourceIps, ...circumstances } = stated.circumstances;
    expect(only(JSON.stringify({ username: 'Falcosidekick', attachments: [attachment] }))).toMatchObject({
      ...stated,
      circumstances,
    });
  });

  it('has its caller and its request in a row of Splunk, whose time is that of the log', () => {
    const row = `2026-03-10T12:10:00.000+0000 sourcetype="aws:eks:audit" cluster=prod verb=delete user.username="${SESSION_ARN}" objectRef.resource=secrets objectRef.namespace=shop objectRef.name=db "sourceIPs{}"=203.0.113.7 responseStatus.code=200`;
    expect(only(row)).toMatchObject({ ...stated, circumstances: { ...stated.circumstances, isLogged: true } });
  });

  it.each([
    ['action=exec command=sh)', { subresource: 'exec' }],
    ['action=create command=/bin/sh)', { verb: 'create', subresource: 'exec' }],
  ])('is about an exec in a line of Falco: %s', (end, what) => {
    const line = `12:10:00.202000000: Notice Attach/Exec to pod (user=${SESSION_ARN} pod=web-0 resource=pods ns=shop ${end}`;
    expect(only(line).circumstances).toMatchObject({
      request: { resource: 'pods', namespace: 'shop', name: 'web-0', ...what },
      action: { command: expect.stringMatching(/sh$/) },
    });
  });

  it.each([
    ['03/10/2026 12:10:00.198 +0000', '12:10:00.198'],
    ['03/10/2026 13:10:00.198 +01:00', '12:10:00.198'],
    ['3/10/2026 12:10:00 PM', '12:10:00'],
    ['03/10/2026 02:10:00 AM UTC', '02:10:00'],
  ])('has its time in the form of Splunk: %s', (time, at) => {
    const row = `user=${SESSION_ARN} verb=delete resource=secrets ns=shop name=db`;
    const found = recognize(`_time="${time}" ${row}`);
    expect(found).toMatchObject({
      subjects: [{ circumstances: { at: parseInstant(utc(at)), request } }],
      notes: [expect.stringContaining('month first')],
    });
    expect(only(`${time} ${row}`).circumstances).toMatchObject({ at: parseInstant(utc(at)), isWrittenLater: true });
  });

  it('has the time of its event, not that at which Splunk wrote the alert', () => {
    const at = Number(parseInstant(utc('12:10:00'))) / 1_000;
    const row = `time=${at + 600}, orig_time=${at}, user="${SESSION_ARN}", verb="delete", resource="secrets"`;
    expect(only(row).circumstances).toMatchObject({ at: parseInstant(utc('12:10:00')) });
  });

  it('is each row of a CSV whose columns name the fields of an alert', () => {
    const at = Number(parseInstant(utc('12:10:00'))) / 1_000;
    const head = `"_time",host,rule_name,orig_time,src,user,"user_agent",verb,object,"object_namespace",cluster`;
    const row = (orig: number, name: string) =>
      `"03/10/2026 13:10:04.000 +0000",es-1,"Secret ""read"", by User",${orig},"203.0.113.7","${SESSION_ARN}",kubectl,delete,"secrets/${name}",shop,"prod"`;
    const one = [head, row(at, 'db')].join('\r\n');
    expect(only(one)).toMatchObject({
      by: 'session',
      arn: SESSION_ARN,
      circumstances: { at: parseInstant(utc('12:10:00')), cluster: 'prod', request, sourceIps: ['203.0.113.7'] },
    });
    expect(recognize(`${one}\n${row(at + 60, 'key')}\n`)).toMatchObject({
      subjects: [{ circumstances: { request } }, { circumstances: { request: { name: 'key' } } }],
      notes: [expect.stringContaining('month first')],
    });
  });

  it('is each row of such a table with tabs in place of commas, and a cell is read as it is', () => {
    const cells = [utc('12:10:00'), SESSION_ARN, 'delete', 'secrets', 'db', 'shop', '"kubectl, ""x"" verb=list"'];
    const head = ['time', 'user', 'verb', 'resource', 'name', 'namespace', 'user_agent'];
    const found = recognize(`${head.join('\t')}\n${cells.join('\t')}\n${cells.join('\t').replace('db', 'key')}\n`);
    const userAgent = 'kubectl, "x" verb=list';
    expect(found).toMatchObject({
      subjects: [
        { arn: SESSION_ARN, circumstances: { request, userAgent, at: parseInstant(utc('12:10:00')) } },
        { circumstances: { request: { ...request, name: 'key' } } },
      ],
    });
  });

  it('is not guessed from the words of a CSV with other columns', () => {
    const text = 'time,rule,cluster\nes-1,Secret read by web-0,prod';
    expect(recognize(text)).toMatchObject({ outcome: 'nothing' });
  });

  it('is no row with more or fewer cells than the columns', () => {
    const text = `time,user,verb,resource,cluster\n${utc('12:10:00')},${SESSION_ARN},delete,secrets,shop,prod`;
    expect(asRequests(recognize(text))).toMatchObject({ outcome: 'nothing', notes: [expect.stringContaining('row')] });
  });

  it.each([
    ['{alertname="X", namespace="shop", deployment="web", pod="kube-state-metrics-0"}', 'deployments', 'web'],
    ['alertname=X namespace=shop statefulset=db job="kube-state-metrics"', 'statefulsets', 'db'],
    ['[FIRING:1] X daemonset=agent namespace=shop severity=warning', 'daemonsets', 'agent'],
    ['Labels:\n - alertname = X\n - namespace = shop\n - pod = web-0', 'pods', 'web-0'],
    ['[FIRING:1] X shop\nLabels:\nalertname: X\nnamespace: shop\ndeployment: web', 'deployments', 'web'],
    [
      '[FIRING:1] X (shop)\nfiring:\nLabels:\n - alertname = X\n - namespace = shop\n - cronjob = backup',
      'cronjobs',
      'backup',
    ],
    ['alertname=X namespace=shop job_name=backup-1 job=kube-state-metrics', 'jobs', 'backup-1'],
    ['alertname=X namespace=shop persistentvolumeclaim=data', 'persistentvolumeclaims', 'data'],
  ])('lists the requests to the object in the labels of Prometheus: %s', (text, resource, name) => {
    const circumstances = { request: { resource, name, namespace: 'shop' } };
    expect(only(text)).toEqual({ by: 'request', circumstances });
  });

  it('is not made of the labels of a line that is no alert', () => {
    expect(recognize('namespace=shop pod=web-0 msg="started"').outcome).toBe('nothing');
  });

  it('has only the time at which Alertmanager sent it', () => {
    const labels = { user: SESSION_ARN, verb: 'delete', resource: 'secrets', namespace: 'shop', name: 'db' };
    const alert = { status: 'firing', labels, startsAt: utc('12:10:00') };
    const { circumstances } = only(JSON.stringify({ receiver: 'soc', status: 'firing', alerts: [alert] }));
    expect(circumstances).toMatchObject({ request, at: parseInstant(utc('12:10:00')), isWrittenLater: true });
  });

  it.each([
    ['Started at: 2026-03-10 12:10:00.118 +0000 UTC\nEnds at: 2026-03-10 12:40:00 +0000 UTC', '12:10:00.118'],
    ['StartsAt: 2026-03-10T12:10:00Z', '12:10:00'],
    ['Ends at: 2026-03-10 12:40:00 +0000 UTC', '12:40:00'],
  ])('has the time at which it began in the text of Alertmanager, else its end: %s', (times, at) => {
    const text = `Labels:\n - alertname = X\n - namespace = shop\n - pod = web-0\n${times}`;
    expect(only(text)).toEqual({
      by: 'request',
      circumstances: {
        request: { resource: 'pods', name: 'web-0', namespace: 'shop' },
        at: parseInstant(utc(at)),
        isWrittenLater: true,
      },
    });
  });

  it('is about a request even if it states no caller', () => {
    expect(only('verb=delete resource=secrets ns=shop name=db')).toEqual({ by: 'request', circumstances: { request } });
  });

  it('has no request if it states a part of it twice, because a name can contain a field', () => {
    const text = `user=${SESSION_ARN} verb=delete resource=secrets agent=x ns=web ns=shop`;
    expect(only(text)).toMatchObject({ by: 'session', circumstances: {} });
    expect(only(text).circumstances.request).toBeUndefined();
  });

  it('has only the time at which it was written, if that is all', () => {
    const text = `${utc('12:10:00')} user=${SESSION_ARN} verb=delete resource=secrets ns=shop`;
    expect(only(text).circumstances).toMatchObject({ at: parseInstant(utc('12:10:00')), isWrittenLater: true });
  });
});

describe('an alert of Falco', () => {
  const process = {
    by: 'request',
    circumstances: {
      at: AT,
      request: { resource: 'pods', namespace: 'shop', name: 'web-0' },
      action: { command: 'sh -c id' },
    },
  };
  const line = FALCO_LINE.replace(/^2026-03-10T([\d:.]+)\+0000/, '$1');

  it('without a date has that of the log before it', () => {
    expect(only(`2026-03-10T12:10:00.400Z ${line}`)).toMatchObject(process);
  });

  it('in another time zone than the log before it has no date', () => {
    const { circumstances } = only(`2026-03-10T11:10:00.400Z ${line}`);
    expect([circumstances.at, circumstances.clock?.ofDay]).toEqual([undefined, 43_800_202]);
  });

  it('with one field a line has its process', () => {
    const fields = [
      '*Terminal shell in container*',
      'k8s.ns.name: shop',
      '*k8s.pod.name*: web-0',
      'proc.cmdline: sh -c id',
    ];
    const text = [...fields, 'time: 2026-03-10T12:10:00.202Z'].join('\n');
    expect(only(text)).toMatchObject(process);
    expect(only(`${text}\nk8s.ns.name: web`).circumstances.request?.namespace).toBeUndefined();
  });
});

describe('an alert of a threshold rule of Elastic', () => {
  const grouped = {
    'kubernetes.audit.verb': 'delete',
    'kubernetes.audit.objectRef.resource': 'secrets',
    'user.name': SESSION_ARN,
  };
  const terms = Object.entries(grouped).map(([field, value]) => ({ field, value }));
  const result = { count: 12, from: utc('12:05:00'), terms };
  const circumstances = {
    at: parseInstant(utc('12:10:00')),
    since: parseInstant(utc('12:05:00')),
    count: 12,
    finding: 'Many deletes',
    request: { verb: 'delete', resource: 'secrets' },
  };
  const head = { 'kibana.alert.rule.name': 'Many deletes', 'kibana.alert.original_time': utc('12:10:00') };

  it.each<[string, JsonObject]>([
    ['as it is stored', { _source: { ...head, 'kibana.alert.threshold_result': result } }],
    ['with texts', { ...head, 'kibana.alert.threshold_result': { ...result, terms: terms.map((each) => json(each)) } }],
    [
      'with lists',
      {
        fields: {
          ...Object.fromEntries(Object.entries(head).map(([name, value]) => [name, [value]])),
          'kibana.alert.threshold_result.count': [12],
          'kibana.alert.threshold_result.from': [utc('12:05:00')],
          'kibana.alert.threshold_result.terms.field': terms.map(({ field }) => field),
          'kibana.alert.threshold_result.terms.value': terms.map(({ value }) => value),
        },
      },
    ],
    [
      'of an older version',
      { signal: { rule: { name: 'Many deletes' }, original_time: utc('12:10:00'), threshold_result: result } },
    ],
  ])('stands for several requests: %s', (_, alert) => {
    expect(only(json(alert))).toMatchObject({ ...SESSION, circumstances });
  });
});

/** The sentences of Falco's rules for audit logs, each with the request that it describes. `U` is the user. */
const FALCO_SENTENCES: readonly (readonly [sentence: string, request: JsonObject])[] = [
  [
    'K8s Operation performed by user not in allowed list of users (user=U target=db/secrets verb=get uri=/api/v1/x resp=200)',
    { verb: 'get', uri: '/api/v1/x', resource: 'secrets', name: 'db' },
  ],
  [
    'K8s Operation performed by full admin user (user=U target=<NA>/<NA> verb=get uri=/metrics resp=200)',
    { verb: 'get', uri: '/metrics' },
  ],
  [
    'Pod started with container not in allowed list (user=U pod=web-0 ns=shop images=nginx)',
    { verb: 'create', resource: 'pods', namespace: 'shop', name: 'web-0' },
  ],
  [
    'Pod started with sensitive mount (user=U pod=web-0 ns=shop resource=pods images=nginx volumes=[{"name":"host","hostPath":{"path":"/"}}])',
    { verb: 'create', resource: 'pods', namespace: 'shop', name: 'web-0' },
  ],
  [
    'Pod started using host pid namespace (user=U pod=web-0 resource=pods ns=shop images=nginx)',
    { verb: 'create', resource: 'pods', namespace: 'shop', name: 'web-0' },
  ],
  [
    'NodePort Service Created (user=U service=web resource=services ns=shop ports=[{"name":"http","port":80}])',
    { verb: 'create', resource: 'services', namespace: 'shop', name: 'web' },
  ],
  [
    'K8s configmap with private credential (user=U verb=update resource=configmaps configmap=app config={"username":"root","password":"x"})',
    { verb: 'update', resource: 'configmaps', name: 'app' },
  ],
  [
    'Request by anonymous user allowed (user=U verb=get uri=/api/v1/x reason=RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "view" to Group "system:unauthenticated"))',
    { verb: 'get', uri: '/api/v1/x' },
  ],
  [
    'Attach/Exec to pod (user=U pod=web-0 resource=pods ns=shop action=exec command=sh)',
    { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' },
  ],
  [
    'Portforward to pod (user=U pod=web-0 ns=shop action=portforward )',
    { resource: 'pods', subresource: 'portforward', namespace: 'shop', name: 'web-0' },
  ],
  [
    'Ephemeral container is created in pod (user=U pod=web-0 resource=pods ns=shop ephemeral_container_name=debug ephemeral_container_image=busybox)',
    { verb: 'change', resource: 'pods', subresource: 'ephemeralcontainers', namespace: 'shop', name: 'web-0' },
  ],
  [
    'Disallowed namespace created (user=U ns=shop resource=namespaces)',
    { verb: 'create', resource: 'namespaces', name: 'shop' },
  ],
  [
    'Pod created in kube namespace (user=U pod=web-0 resource=pods ns=kube-system images=nginx)',
    { verb: 'create', resource: 'pods', namespace: 'kube-system', name: 'web-0' },
  ],
  [
    'Service account created in kube namespace (user=U serviceaccount=bot resource=serviceaccounts ns=kube-system)',
    { verb: 'create', resource: 'serviceaccounts', namespace: 'kube-system', name: 'bot' },
  ],
  [
    'System ClusterRole/Role modified or deleted (user=U role=system:node resource=clusterroles ns=<NA> action=patch)',
    { verb: 'patch', resource: 'clusterroles', name: 'system:node' },
  ],
  [
    'Cluster Role Binding to cluster-admin role (user=U subject=({"kind":"User","name":"mallory"}))',
    { verb: 'create', resource: 'clusterrolebindings' },
  ],
  [
    'Created Role/ClusterRole with wildcard (user=U role=all resource=clusterroles rules=({"verbs":["*"],"resources":["*"]}))',
    { verb: 'create', resource: 'clusterroles', name: 'all' },
  ],
  [
    'K8s Deployment Deleted (user=U deployment=web ns=shop resource=deployments resp=200 decision=allow reason=RBAC)',
    { verb: 'delete', resource: 'deployments', namespace: 'shop', name: 'web' },
  ],
  [
    'K8s Namespace Deleted (user=U namespace=shop resource=namespaces resp=200 decision=allow reason=RBAC)',
    { verb: 'delete', resource: 'namespaces', name: 'shop' },
  ],
  [
    'K8s Role Created (user=U role=all ns=shop resource=roles rules=({"verbs":["*"]}) resp=201 decision=allow reason=RBAC)',
    { verb: 'create', resource: 'roles', namespace: 'shop', name: 'all' },
  ],
  [
    'K8s RoleBinding Created (user=U binding=all ns=shop resource=rolebindings subjects=({"kind":"User","name":"mallory"}) role=view resp=201 decision=allow reason=RBAC)',
    { verb: 'create', resource: 'rolebindings', namespace: 'shop', name: 'all' },
  ],
  [
    'K8s Secret Get Unsuccessfully Tried (user=U secret=db ns=shop resource=secrets resp=403 decision=forbid reason=)',
    { verb: 'get', resource: 'secrets', namespace: 'shop', name: 'db' },
  ],
  [
    'K8s Ingress Without TLS Cert Created (user=U ingress=web namespace=shop resource=ingresses)',
    { verb: 'create', resource: 'ingresses', namespace: 'shop', name: 'web' },
  ],
  [
    'Node not in allowed list tried unsuccessfully to join the cluster  (user=U node=n-1 reason=Conflict resource=nodes)',
    { verb: 'create', resource: 'nodes', name: 'n-1' },
  ],
];

describe('the sentence of a rule of Falco for audit logs', () => {
  it.each(FALCO_SENTENCES)('describes a request: %s', (sentence, request) => {
    const subject = only(
      `2026-03-10T12:10:00.202000000+0000: Warning ${sentence.replace('user=U', `user=${SESSION_ARN}`)}`,
    );
    expect(subject).toMatchObject(SESSION);
    expect(subject.circumstances).toMatchObject({ at: AT });
    expect(subject.circumstances.request).toEqual(request);
  });

  it('of a binding states the role and the subjects, who are not the caller', () => {
    const subject = '{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"mallory"}';
    const sentence = `Cluster Role Binding to cluster-admin role (user=${SESSION_ARN} subject=(${subject}))`;
    for (const text of [sentence, sentence.replace(' role', ''), `12:10:00.202000000: Warning ${sentence}`])
      expect(only(text)).toMatchObject({
        ...SESSION,
        circumstances: {
          request: { verb: 'create', resource: 'clusterrolebindings' },
          action: { role: 'ClusterRole/cluster-admin', subjects: ['User/mallory'] },
        },
      });
    const fields = { 'ka.user.name': SESSION_ARN, 'ka.req.binding.subjects': [subject] };
    const alert = { ...FALCO_REQUEST, rule: 'Attach to cluster-admin Role', output: sentence, output_fields: fields };
    expect(only(json(alert)).circumstances).toMatchObject({
      request: { verb: 'create', resource: 'clusterrolebindings' },
      action: { role: 'ClusterRole/cluster-admin', subjects: ['User/mallory'] },
    });
  });

  it('counts with its response code after a body, and with no field that a name of a user contains', () => {
    const sentence = `K8s Role Created (user=${SESSION_ARN} role=all ns=shop resource=roles rules=({"verbs":["*"]}) resp=201 decision=allow reason=RBAC)`;
    expect(only(sentence).circumstances.code).toBe(201);
    expect(only(sentence.replace('role=', 'verb=delete role=')).circumstances.request).toBeUndefined();
  });
});

describe('a finding about a request that states no caller leads to the request', () => {
  const { kubernetesUserDetails: _user, ...withoutUser } = at(kubernetesFinding(), 'resource', 'kubernetesDetails');
  const finding = kubernetesFinding();
  const anonymous = { ...finding, resource: { ...at(finding, 'resource'), kubernetesDetails: withoutUser } };
  const flat = {
    'aws/guardduty/service/action/kubernetesApiCallAction/requestUri': URI,
    'aws/guardduty/service/action/kubernetesApiCallAction/verb': 'get',
    'aws/guardduty/service/action/kubernetesApiCallAction/sourceIPs.0_': '203.0.113.7',
    'aws/guardduty/service/action/kubernetesApiCallAction/remoteIpDetails/ipAddressV4': '203.0.113.7',
  };
  const cluster = { Type: 'AwsEksCluster', Id: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/prod` };

  it.each<[string, JsonObject]>([
    ['of GuardDuty', anonymous],
    ['of the API', upperCamel(anonymous) as JsonObject],
  ])('%s', (_, value) => {
    expect(only(json(value))).toMatchObject({
      by: 'request',
      circumstances: { request: { verb: expect.any(String) } },
    });
  });

  it('of Security Hub', () => {
    const value = asffFinding({ ProductFields: flat, Resources: [cluster] });
    expect(only(json(value))).toMatchObject({
      by: 'request',
      circumstances: { cluster: 'prod', request: { verb: 'get', uri: URI }, sourceIps: ['203.0.113.7'] },
    });
  });
});

function at(value: JsonObject, ...path: readonly string[]): JsonObject {
  return path.reduce((each, key) => each[key] as JsonObject, value);
}

it('a signal of Datadog leads to the requests of its samples', () => {
  const sample = {
    content: {
      timestamp: utc('12:10:00'),
      attributes: {
        usr: { name: SESSION_ARN },
        http: { method: 'get' },
        objectRef: { resource: 'secrets', namespace: 'shop' },
      },
    },
  };
  const signal = { type: 'signal', attributes: { tags: [], attributes: { title: 'x', samples: [sample] } } };
  expect(only(json(signal))).toMatchObject({
    by: 'session',
    circumstances: { at: parseInstant(utc('12:10:00')), request: { verb: 'get', resource: 'secrets' } },
  });
});

it.each([
  ['', (signal: JsonObject) => signal],
  [' of the API', (signal: JsonObject) => ({ data: signal })],
])(
  'a signal of Datadog%s is read by its own attributes, of which those with several values do not count',
  (_, answerOf) => {
    const custom = {
      '@usr.id': SESSION_ARN,
      network: { client: { ip: ['203.0.113.7'] } },
      http: { status_code: [403], useragent: [AGENT] },
      objectRef: { resource: ['secrets'], namespace: ['hr', 'shop'] },
      workflow: {
        first_seen: Date.parse(utc('12:09:00')),
        last_seen: Date.parse(utc('12:10:00')),
        rule: { name: 'Many 403' },
      },
    };
    const tags = ['source:kubernetes.audit', 'kube_cluster_name:prod'];
    const signal = { id: 'AZ', type: 'signal', attributes: { timestamp: utc('12:11:00'), message: 'x', tags, custom } };
    expect(only(json(answerOf(signal)))).toEqual({
      by: 'session',
      arn: SESSION_ARN,
      role: `arn:aws:iam::${ACCOUNT}:role/${ROLE_NAME}`,
      sessionName: SESSION_ARN.split('/').at(-1),
      circumstances: {
        since: parseInstant(utc('12:09:00')),
        at: parseInstant(utc('12:10:00')),
        cluster: 'prod',
        request: { resource: 'secrets' },
        code: 403,
        sourceIps: ['203.0.113.7'],
        userAgent: AGENT,
        finding: 'Many 403',
      },
    });
  },
);

it('an alert of Falco or Sysdig about a request, with one field a line, is read by the names of its plugin', () => {
  const lines = [
    'Severity: High',
    'Rule: Attach/Exec Pod',
    `Time: ${utc('12:00:03').replace('T', ' ').replace('Z', ' UTC')}`,
    'kubernetes.cluster.name: prod',
    `ka.user.name: ${SESSION_ARN}`,
    'ka.target.resource: pods',
    'ka.target.subresource: exec',
    'ka.target.namespace: shop',
    'ka.target.name: web-0',
    'ka.verb: create',
    'ka.response.code: 101',
    'ka.sourceips: 203.0.113.7',
  ];
  expect(only(lines.join('\n'))).toMatchObject({
    by: 'session',
    arn: SESSION_ARN,
    circumstances: {
      at: parseInstant(utc('12:00:03')),
      cluster: 'prod',
      code: 101,
      sourceIps: ['203.0.113.7'],
      request: { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' },
    },
  });
});

it('a field can have the type of the object before its name', () => {
  const text = `user="${SESSION_ARN}" verb=create object="pods/web-0" subresource=exec namespace=shop src="203.0.113.7"`;
  expect(only(text)).toMatchObject({
    circumstances: {
      sourceIps: ['203.0.113.7'],
      request: { verb: 'create', resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' },
    },
  });
});

it('an alert of Sysdig with one field a line leads to the pod', () => {
  const lines = [
    'kubernetes.cluster.name: prod',
    'kubernetes.namespace.name: shop',
    'kubernetes.pod.name: web-0',
    'proc.cmdline: sh',
  ];
  expect(only(lines.join('\n'))).toMatchObject({
    by: 'request',
    circumstances: { cluster: 'prod', isProcessStart: true, request: { namespace: 'shop', name: 'web-0' } },
  });
});

describe('a local time of Kibana', () => {
  const LOCAL = 'Dec 1, 2026 @ 10:22:31.000';
  const requestsOf = (text: string) => {
    const found = asRequests(recognize(text));
    return found.outcome === 'subjects' ? found : undefined;
  };

  it.each([
    `On ${LOCAL} ana.silva deleted pod web-0 in namespace shop`,
    `${LOCAL} pods "web-0" is forbidden: User "ana.silva" cannot delete resource "pods" in API group "" in the namespace "shop"`,
    `pod "web-0" deleted by ana.silva, ${LOCAL}`,
  ])('is not compared with the times of a log: %s', (text) => {
    const { subjects: [subject] = [] } = requestsOf(text) ?? {};
    expect(subject?.circumstances).toMatchObject({ request: { name: 'web-0' } });
    for (const time of ['at', 'since', 'clock']) expect(subject?.circumstances).not.toHaveProperty(time);
  });

  it('in a sentence is named as not used', () => {
    expect(requestsOf(`On ${LOCAL} ana.silva deleted pod web-0 in namespace shop`)?.notes).toContain(
      `Kibana shows the local times of its reader, so these were not compared: ${LOCAL}.`,
    );
  });
});

describe("the header of a chat's message", () => {
  const HEADER = 'GuardDuty Finding | eu-central-1 | Account: 111122223333';

  it('does not make the sentences below it a table', () => {
    const text = `${HEADER}\nana.silva deleted pod web-0 in namespace shop at ${utc('12:10:00')}`;
    expect(asRequests(recognize(text))).toMatchObject({
      subjects: [
        { circumstances: { request: { resource: 'pods', name: 'web-0', namespace: 'shop' }, names: ['ana.silva'] } },
      ],
      notes: expect.arrayContaining([expect.stringMatching(/^Words that were not used: GuardDuty, .*111122223333/)]),
    });
  });

  it('is a row of a table if another line has a bar too', () => {
    const text = `${HEADER}\nana.silva deleted pod web-0 | in namespace shop`;
    expect(asRequests(recognize(text))).toMatchObject({ outcome: 'nothing' });
  });
});
