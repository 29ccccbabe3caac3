import type { JsonObject } from '../../lib/json.ts';
import { ACCOUNT, type Role, roleArn, sessionArn, type Truth, usernameOf } from './company.ts';
import { type Session, type Stage, timeOf } from './stage.ts';

/** The fields of the caller that an event states. They depend on the age and kind of the cluster. */
export type StatedFields = 'all' | 'key' | 'names' | 'name' | 'nothing';

export interface DeedOptions {
  readonly move: string;
  readonly at?: number;
  readonly telling?: StatedFields;
  /** The key that signs, if it is not the grant's, as for the console. */
  readonly key?: string;
  readonly username?: string;
  readonly fields?: JsonObject;
  readonly truth?: Truth;
  readonly provable?: boolean;
}

/** Writes a request to the cluster with a session. */
export function act(stage: Stage, session: Session, doing: DeedOptions): void {
  const { role, name } = session;
  const { key = session.key, telling = 'all', at = session.began + 600 } = doing;
  const username = doing.username ?? usernameOf(role, name, key);
  const uid = `aws-iam-authenticator:${role.account}:${role.id}`;
  const user = { uid, username, extra: extraOf(role, name, key, telling) };
  const tellsKey = telling === 'all' || telling === 'key';
  const inTime = at >= session.began - 60 && at <= session.until + 600;
  const isListed = key === session.key && tellsKey && inTime && session.provable;
  note(stage, event(stage, user, at, doing.fields), {
    move: doing.move,
    truth: doing.truth ?? session.truth,
    provable: doing.provable ?? isListed,
  });
}

function extraOf(role: Role, name: string, key: string, telling: StatedFields): JsonObject {
  const keys = { accessKeyId: [key] };
  const names = { sessionName: [name], arn: [sessionArn(role, name)], canonicalArn: [roleArn({ ...role, path: '/' })] };
  if (telling === 'all') return { ...keys, ...names };
  if (telling === 'key') return keys;
  if (telling === 'names') return names;
  return telling === 'name' ? { sessionName: [name] } : {};
}

export interface NotedDeed {
  readonly move: string;
  readonly truth: Truth | undefined;
  readonly provable: boolean;
  readonly delivered?: unknown;
  readonly restsOnEvents?: boolean;
}

export function note(stage: Stage, audited: JsonObject, noted: NotedDeed): void {
  stage.moves.add(noted.move);
  stage.deeds.push({ auditId: String(audited.auditID), event: audited, ...noted });
}

/** Returns an audit event of this user, with its own audit ID. */
export function event(stage: Stage, user: JsonObject, at: number, fields: JsonObject = {}): JsonObject {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: stage.next('audit-'),
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/shop/pods/web-0',
    verb: 'delete',
    user,
    sourceIPs: ['198.51.100.7'],
    objectRef: { resource: 'pods', namespace: 'shop', name: 'web-0', apiVersion: 'v1' },
    requestReceivedTimestamp: timeOf(at),
    ...fields,
  };
}

/** Returns the content in the envelope of a log group and a stream. */
export function logged(logGroup: string, logStream: string, content: JsonObject): JsonObject {
  const logEvents = [{ id: '1', timestamp: 1, message: JSON.stringify(content) }];
  return { messageType: 'DATA_MESSAGE', logGroup, logStream, logEvents };
}

/** Returns the content in a place where anybody can write. */
export function anywhere(stage: Stage, content: JsonObject): unknown {
  return stage.draw.pick<unknown>([
    logged('/aws/lambda/payments', `${ACCOUNT}_CloudTrail_eu-west-1`, content),
    logged('/aws/lambda/payments', '2026/03/10/[$LATEST]0f', content),
    logged('/aws/containerinsights/prod-1/application', 'web-0_shop_web', content),
    logged('/shop/app', 'i-0abc123def4567890', content),
    logged('/aws/eks/prod-1/cluster', 'web-0_shop', content),
    { source: 'com.example.app', 'detail-type': 'AWS API Call via CloudTrail', detail: content },
    { source: 'aws.sts', 'detail-type': 'Order placed', detail: content },
    { events: [{ logStreamName: 'web-0_shop_web', timestamp: 1, message: JSON.stringify(content) }] },
  ]);
}
