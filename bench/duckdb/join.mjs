/**
 * The baseline of the benchmark: the join that somebody would write in an afternoon with DuckDB. Joins both logs by access key, and
 * follows sessions back to the first caller that is not a session. Writes the fields of a record as JSON lines. The input is trusted: envelopes, duplicates,
 * times and rules are ignored.
 *
 * Run `node join.mjs FOLDER OUTPUT`. It uses two threads, like the machine of the published figures.
 */
import { DuckDBInstance } from '@duckdb/node-api';

const [folder, output] = process.argv.slice(2);
if (!folder || !output) throw new Error('usage: node join.mjs FOLDER OUTPUT');

const TRAIL_RECORD = `STRUCT(
  eventName VARCHAR, eventID VARCHAR, eventTime VARCHAR, awsRegion VARCHAR,
  userIdentity STRUCT(type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR),
  requestParameters STRUCT(roleArn VARCHAR),
  responseElements STRUCT(
    credentials STRUCT(accessKeyId VARCHAR, expiration VARCHAR),
    assumedRoleUser STRUCT(assumedRoleId VARCHAR)))`;

const AUDIT_EVENT = {
  auditID: 'VARCHAR',
  stage: 'VARCHAR',
  requestReceivedTimestamp: 'VARCHAR',
  verb: 'VARCHAR',
  requestURI: 'VARCHAR',
  objectRef: 'STRUCT(apiGroup VARCHAR, resource VARCHAR, subresource VARCHAR, namespace VARCHAR, name VARCHAR)',
  responseStatus: 'STRUCT(code INTEGER)',
  annotations: 'MAP(VARCHAR, VARCHAR)',
  sourceIPs: 'VARCHAR[]',
  userAgent: 'VARCHAR',
  user: 'STRUCT(username VARCHAR, uid VARCHAR, "groups" VARCHAR[], extra STRUCT(accessKeyId VARCHAR[], arn VARCHAR[], sessionName VARCHAR[]))',
};

/** DuckDB writes fields that are null; the product leaves them out. */
const JOIN = `
  select
    1 as "schemaVersion",
    e.auditID as "auditId",
    e.stage as stage,
    e.requestReceivedTimestamp as time,
    {verb: e.verb, uri: e.requestURI, apiGroup: e.objectRef.apiGroup, resource: e.objectRef.resource,
      subresource: e.objectRef.subresource, namespace: e.objectRef.namespace, name: e.objectRef.name} as request,
    {code: e.responseStatus.code} as response,
    {decision: e.annotations['authorization.k8s.io/decision'], reason: e.annotations['authorization.k8s.io/reason']} as "authorization",
    {ips: e.sourceIPs, userAgent: e.userAgent} as source,
    {kind: case when e."user".uid is null then 'kubernetes-node' else 'role-session' end, username: e."user".username,
      uid: e."user".uid, groups: e."user".groups, accountId: split_part(e."user".uid, ':', 2),
      roleId: split_part(e."user".uid, ':', 3), sessionName: e."user".extra.sessionName[1],
      accessKeyId: e."user".extra.accessKeyId[1], arn: e."user".extra.arn[1]} as caller,
    {status: case when starts_with(e."user".username, 'system:') then 'system' when g.key is null then 'unattributed' else 'attributed' end,
      actor: case when g.key is not null then {kind: 'iam-user', name: g.actor.userName, accountId: g.actor.accountId,
        principalId: g.actor.principalId, arn: g.actor.arn} end,
      chain: g.chain} as attribution
  from events e
  left join chains g on g.key = e."user".extra.accessKeyId[1]`;

/** Follows each grant back, from session to session, to the first caller that is not a session. */
const CHAINS = `
  create table chains as
  with recursive up as (
    select key, actor, [hop] as chain from grants
    union all
    select up.key, above.actor, list_prepend(above.hop, up.chain)
    from up join grants above on above.key = case when up.actor.type = 'AssumedRole' then up.actor.accessKeyId end)
  select * from up where actor.type <> 'AssumedRole'`;

const database = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await database.connect();
await connection.run(`
  create table grants as
  select r.responseElements.credentials.accessKeyId as key, r.userIdentity as actor,
    {eventName: r.eventName, eventIds: [r.eventID], region: r.awsRegion, roleArn: r.requestParameters.roleArn,
      roleId: split_part(r.responseElements.assumedRoleUser.assumedRoleId, ':', 1),
      sessionName: split_part(r.responseElements.assumedRoleUser.assumedRoleId, ':', 2),
      accessKeyId: r.responseElements.credentials.accessKeyId, issuedAt: r.eventTime,
      expiresAt: strftime(strptime(replace(r.responseElements.credentials.expiration, chr(8239), ' '), '%b %-d, %Y, %-I:%M:%S %p'),
        '%Y-%m-%dT%H:%M:%SZ')} as hop
  from (select unnest(Records) as r
    from read_json('${folder}/cloudtrail/*.json', maximum_object_size = 200000000, columns = {Records: '${TRAIL_RECORD}[]'}))`);
await connection.run(CHAINS);
const columns = Object.entries(AUDIT_EVENT).map(([name, type]) => `"${name}": '${type}'`);
await connection.run(
  `create view events as select * from read_json('${folder}/audit/*.jsonl*', format = 'newline_delimited', columns = {${columns}})`,
);
await connection.run(`copy (${JOIN}) to '${output}' (format json)`);
