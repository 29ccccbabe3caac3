-- Maps an export of the records table to OCSF 1.3.0 API Activity, for Athena (engine version 3); docs/ocsf.md says how.
-- Reads a full export in DYNAMODB_JSON: one item a line, every value under the letter of its type.
WITH item AS (
  SELECT
    json_extract_scalar(line, '$.Item.id.S') AS id,
    json_extract_scalar(line, '$.Item.record.M.auditId.S') AS audit_id,
    json_extract_scalar(line, '$.Item.record.M.stage.S') AS stage,
    json_extract_scalar(line, '$.Item.record.M.time.S') AS original_time,
    json_extract_scalar(line, '$.Item.record.M.cluster.S') AS cluster,
    json_extract_scalar(line, '$.Item.record.M.clusterArn.S') AS cluster_arn,
    COALESCE(element_at(split(json_extract_scalar(line, '$.Item.record.M.clusterArn.S'), ':'), 5),
      json_extract_scalar(line, '$.Item.record.M.accountId.S')) AS cluster_account,
    json_extract_scalar(line, '$.Item.record.M.origin.M.logGroup.S') AS log_group,
    json_extract_scalar(line, '$.Item.record.M.origin.M.logStream.S') AS log_stream,
    json_extract_scalar(line, '$.Item.record.M.origin.M.owner.S') AS log_owner,
    json_extract_scalar(line, '$.Item.record.M.origin.M.handedOverBy.S') AS handed_over_by,
    json_extract_scalar(line, '$.Item.record.M.request.M.verb.S') AS verb,
    json_extract_scalar(line, '$.Item.record.M.request.M.uri.S') AS uri,
    json_extract_scalar(line, '$.Item.record.M.request.M.apiGroup.S') AS api_group,
    json_extract_scalar(line, '$.Item.record.M.request.M.resource.S') AS resource,
    json_extract_scalar(line, '$.Item.record.M.request.M.subresource.S') AS subresource,
    json_extract_scalar(line, '$.Item.record.M.request.M.namespace.S') AS namespace,
    json_extract_scalar(line, '$.Item.record.M.request.M.name.S') AS object_name,
    CAST(json_extract_scalar(line, '$.Item.record.M.response.M.code.N') AS INTEGER) AS code,
    json_extract_scalar(line, '$.Item.record.M.authorization.M.decision.S') AS decision,
    json_extract_scalar(line, '$.Item.record.M.authorization.M.reason.S') AS decision_reason,
    json_extract_scalar(line, '$.Item.record.M.action.M.command.S') AS action_command,
    json_extract_scalar(line, '$.Item.record.M.action.M.container.S') AS action_container,
    json_extract_scalar(line, '$.Item.record.M.action.M.endedAt.S') AS action_ended,
    json_extract_scalar(line, '$.Item.record.M.action.M.role.S') AS action_role,
    json_extract(line, '$.Item.record.M.action.M.subjects.L') AS subject_list,
    json_extract_scalar(line, '$.Item.record.M.action.M.expiresAt.S') AS action_expires,
    json_extract_scalar(line, '$.Item.record.M.action.M.boundTo.S') AS action_bound,
    json_extract(line, '$.Item.record.M.source.M.ips.L') AS ip_list,
    json_extract_scalar(line, '$.Item.record.M.source.M.userAgent.S') AS user_agent,
    json_extract_scalar(line, '$.Item.record.M.caller.M.kind.S') AS caller_kind,
    json_extract_scalar(line, '$.Item.record.M.caller.M.uid.S') AS caller_uid,
    json_extract_scalar(line, '$.Item.record.M.caller.M.username.S') AS username,
    json_extract(line, '$.Item.record.M.caller.M.groups.L') AS group_list,
    json_extract_scalar(line, '$.Item.record.M.caller.M.accountId.S') AS caller_account,
    json_extract_scalar(line, '$.Item.record.M.caller.M.roleId.S') AS role_id,
    json_extract_scalar(line, '$.Item.record.M.caller.M.sessionName.S') AS session_name,
    json_extract_scalar(line, '$.Item.record.M.caller.M.accessKeyId.S') AS access_key,
    json_extract_scalar(line, '$.Item.record.M.caller.M.arn.S') AS caller_arn,
    json_extract_scalar(line, '$.Item.record.M.caller.M.credentialId.S') AS credential_id,
    json_extract(line, '$.Item.record.M.caller.M.pod.M') AS pod,
    json_extract_scalar(line, '$.Item.record.M.impersonated.M.username.S') AS impersonated,
    json_extract(line, '$.Item.record.M.impersonated.M.groups.L') AS impersonated_list,
    json_extract_scalar(line, '$.Item.record.M.impersonated.M.uid.S') AS impersonated_uid,
    json_extract_scalar(line, '$.Item.record.M.impersonated.M.original.S') AS impersonated_first,
    json_extract(line, '$.Item.record.M.attribution') AS attribution,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.status.S') AS attribution_status,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.method.S') AS method,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.provisional.BOOL') AS provisional,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.reason.S') AS reason,
    json_extract(line, '$.Item.record.M.attribution.M.flags.L') AS flag_list,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.kind.S') AS actor_kind,
    coalesce(json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.knownAs.S'),
      json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.name.S')) AS actor_name,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.arn.S') AS actor_arn,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.principalId.S') AS actor_principal,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.accountId.S') AS actor_account,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.provider.S') AS actor_provider,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.workload.S') AS workload,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.sessionName.S') AS actor_session,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.sourceIdentity.S') AS source_identity,
    json_extract_scalar(line, '$.Item.record.M.attribution.M.actor.M.uid.S') AS actor_uid,
    json_extract(line, '$.Item.record.M.attribution.M.actor.M.delegate.M') AS delegate,
    json_extract(line, '$.Item.record.M.attribution.M.chain.L') AS chain,
    json_array_length(json_extract(line, '$.Item.record.M.attribution.M.candidates.L')) AS candidates,
    CAST(json_extract_scalar(line, '$.Item.record.M.attribution.M.candidatesLeftOut.N') AS INTEGER) AS candidates_left_out
  FROM eks_whois_export
), fact AS (
  SELECT
    *,
    COALESCE(date_diff('millisecond', from_unixtime(0), try(from_iso8601_timestamp(original_time))), 0) AS event_time,
    transform(CAST(ip_list AS ARRAY(MAP(VARCHAR, VARCHAR))), x -> element_at(x, 'S')) AS ips,
    transform(CAST(group_list AS ARRAY(MAP(VARCHAR, VARCHAR))), x -> element_at(x, 'S')) AS groups_of_caller,
    transform(CAST(subject_list AS ARRAY(MAP(VARCHAR, VARCHAR))), x -> element_at(x, 'S')) AS subjects,
    transform(CAST(impersonated_list AS ARRAY(MAP(VARCHAR, VARCHAR))), x -> element_at(x, 'S')) AS groups_impersonated,
    transform(CAST(flag_list AS ARRAY(MAP(VARCHAR, VARCHAR))), x -> element_at(x, 'S')) AS flags,
    json_format(CAST(transform_values(CAST(pod AS MAP(VARCHAR, MAP(VARCHAR, VARCHAR))), (k, v) -> element_at(v, 'S')) AS JSON))
      AS pod_text,
    json_format(CAST(transform_values(CAST(delegate AS MAP(VARCHAR, MAP(VARCHAR, VARCHAR))), (k, v) -> element_at(v, 'S')) AS JSON))
      AS delegate_text,
    element_at(CAST(chain AS ARRAY(JSON)), -1) AS link,
    COALESCE(actor_kind, caller_kind) AS kind,
    COALESCE(subresource IN ('exec', 'attach', 'portforward', 'proxy'), false) AS connects
  FROM item
), numbered AS (
  SELECT
    *,
    CASE
      WHEN connects THEN 99
      WHEN verb IS NULL THEN 0
      WHEN verb IN ('create', 'post') THEN 1
      WHEN verb IN ('get', 'list', 'watch', 'head', 'options') THEN 2
      WHEN verb IN ('update', 'put', 'patch') THEN 3
      WHEN verb IN ('delete', 'deletecollection') THEN 4
      ELSE 99
    END AS activity,
    CASE
      WHEN reason IN ('access-key-contradicts-session', 'node-credentials-used') THEN 3
      WHEN cardinality(array_intersect(flags, ARRAY['conflicting-copies', 'conflicting-grant-copies',
      'identity-provider-changed', 'foreign-identity-store', 'node-role-used-by-person', 'eks-name-used-by-person',
      'unusual-node-client', 'anonymous-access', 'session-name-claims-other-actor',
      'source-identity-claims-other-actor'])) > 0 THEN 3
      WHEN attribution_status IN ('unattributed', 'ambiguous') OR reason IN ('acts-by-delegation') THEN 2
      ELSE 1
    END AS severity_number,
    CASE WHEN stage = 'Panic' OR code >= 400 THEN 2 WHEN code IS NULL THEN 0 ELSE 1 END AS outcome,
    CASE
      WHEN kind IN ('iam-user', 'identity-center-user', 'saml-user', 'proxied-user', 'kubernetes-user') THEN 1
      WHEN kind = 'root' THEN 2
      WHEN kind IN ('aws-service', 'eks-service', 'kubernetes-node', 'kubernetes-service-account', 'kubernetes-system') THEN 3
      WHEN kind = 'malformed' THEN 0
      ELSE 99
    END AS user_type,
    CASE
      WHEN actor_kind IS NOT NULL THEN COALESCE(actor_arn, actor_principal, actor_uid, CASE WHEN actor_name IS NULL THEN caller_uid END)
      ELSE caller_uid
    END AS user_uid,
    CASE
      WHEN actor_kind IS NOT NULL THEN actor_name
      WHEN caller_uid IS NULL THEN COALESCE(username, '(not authenticated)')
      ELSE username
    END AS user_name
  FROM fact
)
SELECT
  6 AS category_uid,
  'Application Activity' AS category_name,
  6003 AS class_uid,
  'API Activity' AS class_name,
  activity AS activity_id,
  CASE activity WHEN 0 THEN 'Unknown' WHEN 1 THEN 'Create' WHEN 2 THEN 'Read' WHEN 3 THEN 'Update' WHEN 4 THEN 'Delete'
    ELSE CASE WHEN connects THEN subresource ELSE verb END END AS activity_name,
  600300 + activity AS type_uid,
  'API Activity: ' || CASE activity WHEN 0 THEN 'Unknown' WHEN 1 THEN 'Create' WHEN 2 THEN 'Read' WHEN 3 THEN 'Update'
    WHEN 4 THEN 'Delete' ELSE 'Other' END AS type_name,
  severity_number AS severity_id,
  CASE severity_number WHEN 1 THEN 'Informational' WHEN 2 THEN 'Low' ELSE 'Medium' END AS severity,
  outcome AS status_id,
  CASE outcome WHEN 0 THEN 'Unknown' WHEN 1 THEN 'Success' ELSE 'Failure' END AS status,
  CAST(code AS VARCHAR) AS status_code,
  CASE attribution_status
    WHEN 'attributed' THEN NULL
    WHEN 'ambiguous' THEN 'ambiguous: ' || CAST(candidates + COALESCE(candidates_left_out, 0) AS VARCHAR) ||
      CASE candidates + COALESCE(candidates_left_out, 0) WHEN 1 THEN ' candidate' ELSE ' candidates' END
    WHEN 'system' THEN 'system: no person''s IAM session'
    WHEN 'pending' THEN 'pending: grants may still come'
    ELSE attribution_status || COALESCE(': ' || reason, '')
  END AS status_detail,
  event_time AS time,
  CAST(ROW('1.3.0', ARRAY['cloud'], ROW('eks-whois', 'eks-whois'), id, audit_id, stage, flags, original_time)
    AS ROW(version VARCHAR, profiles ARRAY(VARCHAR), product ROW(name VARCHAR, vendor_name VARCHAR), uid VARCHAR,
      correlation_uid VARCHAR, event_code VARCHAR, labels ARRAY(VARCHAR), original_time VARCHAR)) AS metadata,
  CAST(ROW('AWS', CASE WHEN cluster_account IS NOT NULL THEN ROW('AWS Account', 10, cluster_account) END,
    element_at(split(cluster_arn, ':'), 4)) AS ROW(provider VARCHAR, account ROW(type VARCHAR, type_id INTEGER, uid VARCHAR), region VARCHAR))
    AS cloud,
  CAST(ROW(
    ROW(
      user_name,
      user_uid,
      CASE
        WHEN actor_kind IS NULL THEN caller_arn
        WHEN actor_arn IS NOT NULL THEN actor_principal
      END,
      user_type,
      CASE user_type WHEN 0 THEN 'Unknown' WHEN 1 THEN 'User' WHEN 2 THEN 'Admin' WHEN 3 THEN 'System' ELSE kind END,
      CASE
        WHEN actor_kind IS NOT NULL AND actor_account IS NOT NULL THEN ROW(actor_account, 10, 'AWS Account')
        WHEN actor_kind IS NULL AND caller_account IS NOT NULL THEN ROW(caller_account, 10, 'AWS Account')
      END
    ),
    CASE WHEN role_id IS NOT NULL OR caller_kind = 'federated-user' OR link IS NOT NULL THEN ROW(
      CASE WHEN method = 'token' THEN credential_id
        ELSE CASE WHEN caller_kind = 'federated-user' THEN caller_account ELSE role_id END || ':' || session_name END,
      caller_arn,
      CASE WHEN method = 'token' THEN username ELSE COALESCE(json_extract_scalar(link, '$.M.roleArn.S'), role_id) END,
      access_key,
      CASE WHEN method IN ('access-key', 'session-start', 'token') THEN
        date_diff('millisecond', from_unixtime(0), from_iso8601_timestamp(json_extract_scalar(link, '$.M.issuedAt.S'))) END,
      CASE WHEN method IN ('access-key', 'session-start') THEN
        date_diff('millisecond', from_unixtime(0), from_iso8601_timestamp(json_extract_scalar(link, '$.M.expiresAt.S'))) END
    ) END,
    CASE WHEN actor_provider IS NOT NULL THEN ROW(actor_provider) END,
    CASE WHEN actor_kind = 'aws-service' THEN actor_name END,
    CASE WHEN actor_kind = 'aws-service' THEN workload END,
    CASE WHEN decision IS NOT NULL THEN ARRAY[ROW(decision)] END
  ) AS ROW(
    "user" ROW(name VARCHAR, uid VARCHAR, uid_alt VARCHAR, type_id INTEGER, type VARCHAR,
      account ROW(uid VARCHAR, type_id INTEGER, type VARCHAR)),
    session ROW(uid VARCHAR, uid_alt VARCHAR, issuer VARCHAR, credential_uid VARCHAR, created_time BIGINT,
      expiration_time BIGINT),
    idp ROW(uid VARCHAR),
    app_name VARCHAR,
    app_uid VARCHAR,
    authorizations ARRAY(ROW(decision VARCHAR))
  )) AS actor,
  CAST(ROW(
    COALESCE(verb, 'unknown'),
    CASE WHEN api_group IS NOT NULL THEN ROW(CASE api_group WHEN '' THEN 'core' ELSE api_group END) END,
    ROW('kube-apiserver'),
    ROW(audit_id),
    CASE WHEN code IS NOT NULL THEN ROW(code) END
  ) AS ROW(operation VARCHAR, "group" ROW(name VARCHAR), service ROW(name VARCHAR), request ROW(uid VARCHAR),
    response ROW(code INTEGER))) AS api,
  CAST(ROW(user_agent, CASE WHEN uri IS NOT NULL THEN ROW(split_part(uri, '?', 1), uri) END)
    AS ROW(user_agent VARCHAR, url ROW(path VARCHAR, url_string VARCHAR))) AS http_request,
  CASE WHEN resource IS NOT NULL AND (object_name IS NOT NULL OR uri IS NOT NULL) THEN
    CAST(ARRAY[ROW(object_name, namespace, resource || COALESCE('/' || subresource, ''), split_part(uri, '?', 1))]
      AS ARRAY(ROW(name VARCHAR, namespace VARCHAR, type VARCHAR, uid VARCHAR))) END AS resources,
  CAST(CASE
    WHEN cardinality(ips) BETWEEN 1 AND 63 AND regexp_like(element_at(ips, -1), '^[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]+$')
      THEN ROW(element_at(ips, -1), CAST(NULL AS VARCHAR))
    WHEN cardinality(ips) BETWEEN 1 AND 63 THEN ROW(CAST(NULL AS VARCHAR), element_at(ips, -1))
    ELSE ROW(CAST(NULL AS VARCHAR), 'unknown')
  END AS ROW(ip VARCHAR, name VARCHAR)) AS src_endpoint,
  CAST(ROW(cluster, cluster_arn, 'kube-apiserver') AS ROW(name VARCHAR, uid VARCHAR, svc_name VARCHAR)) AS dst_endpoint,
  CAST(ARRAY[ROW(
    CASE WHEN user_uid IS NULL THEN 'actor.user.name' ELSE 'actor.user.uid' END,
    COALESCE(user_uid, user_name, kind),
    'attribution',
    'eks-whois',
    json_format(attribution)
  )] AS ARRAY(ROW(name VARCHAR, value VARCHAR, type VARCHAR, provider VARCHAR, data VARCHAR))) AS enrichments,
  map_filter(
    MAP(
      ARRAY['cluster', 'stage', 'attribution.status', 'attribution.method', 'attribution.provisional',
        'attribution.reason', 'attribution.flags', 'attribution.actor.kind', 'attribution.actor.sessionName',
        'attribution.actor.sourceIdentity', 'attribution.actor.delegate', 'impersonated.groups', 'caller.kind', 'caller.uid', 'caller.username',
        'caller.groups', 'caller.accountId', 'caller.roleId', 'caller.sessionName', 'caller.accessKeyId', 'caller.arn',
        'impersonated.username', 'authorization.reason', 'source.ips', 'caller.credentialId', 'caller.pod', 'impersonated.uid',
        'impersonated.original', 'clusterArn', 'origin.logGroup', 'origin.logStream', 'origin.owner', 'origin.handedOverBy',
        'action.command', 'action.container', 'action.endedAt', 'action.role', 'action.subjects', 'action.expiresAt', 'action.boundTo'],
      ARRAY[cluster, stage, attribution_status, method, provisional,
        reason, CASE WHEN cardinality(flags) > 0 THEN json_format(CAST(flags AS JSON)) END, actor_kind, actor_session,
        source_identity, delegate_text, json_format(CAST(groups_impersonated AS JSON)), caller_kind, caller_uid, username,
        json_format(CAST(groups_of_caller AS JSON)), caller_account, role_id, session_name, access_key, caller_arn,
        impersonated, decision_reason, json_format(CAST(ips AS JSON)), credential_id, pod_text, impersonated_uid,
        impersonated_first, cluster_arn, log_group, log_stream, log_owner, handed_over_by,
        action_command, action_container, action_ended, action_role, json_format(CAST(subjects AS JSON)), action_expires, action_bound]
    ),
    (k, v) -> v IS NOT NULL
  ) AS unmapped
FROM numbered
