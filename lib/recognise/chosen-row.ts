import type { AuditRequest } from '../audit/audit-event.ts';
import { originOf } from '../envelopes/origin.ts';
import { accessKeyId } from '../identity/access-key.ts';
import { assumedRoleRef } from '../identity/arn.ts';
import { parseUid } from '../identity/uid.ts';
import { type JsonObject, present } from '../json.ts';
import { type EpochMillis, epochMillis, parseInstant } from '../time.ts';
import { subjectOfPrincipal, subjectOfSessionArn, subjectOfUid, subjectOfUsername } from './callers.ts';
import { subjectOfUser, told } from './events.ts';
import { readUid } from './forms.ts';
import type { Gathering } from './gathering.ts';
import { type Row, rowOf } from './insights-columns.ts';
import type { Circumstances, Subject } from './subject.ts';

/**
 * A row of a Logs Insights answer with columns that a query chose, in place of the whole `@message`: who called, when, and
 * what was asked, as far as the columns say.
 *
 * Trust: none. Whoever made the query computes and names columns as he likes, and whoever gives the text can have typed
 * it: a row proves no more than what a person typed, it is asked about as `whois` is, and no record is made of it. An
 * address of index 0 alone may be the client's word.
 */
export function gatherChosenRow(value: JsonObject, to: Gathering): void {
  const row = rowOf(value);
  const origin = originOf({ group: row.log, stream: row.stream }, []);
  if (!origin.mayBeAudit) return to.note(OTHER_GROUP);
  to.note(row.ips.length === 1 ? `${TYPED} ${ONE_ADDRESS}` : TYPED);
  const at = timeOf(row);
  if (at === undefined && (row.received ?? row.time) !== undefined) to.note('A time in a row is none: it is left out.');
  const key = accessKeyId(row.accessKeyId);
  if (row.accessKeyId !== undefined && key === undefined) to.note('An access key id in a row is none: it is left out.');
  const circumstances = toldByRow(row, at, origin.cluster);
  const read = readUid(row.uid ?? '');
  for (const note of read?.notes ?? []) to.note(note);
  to.found('insights-row', subjectOfRow({ ...row, uid: read?.uid ?? row.uid }, key, circumstances));
}

const TYPED =
  'Chosen columns are what somebody made of the audit log, or typed, and prove nothing: the event itself is its @message.';
const ONE_ADDRESS = 'Of several addresses the first can be written by the client.';
const OTHER_GROUP =
  'A row is of a log group or stream that holds no audit events (contract, "Where text comes from"): it is left out.';

/** `@timestamp` is of UTC and says no zone, `toMillis` of it a number. Source: CloudWatch Logs API Reference, "GetQueryResults". */
function timeOf({ received, time }: Row): EpochMillis | undefined {
  return instantOf(received) ?? instantOf(time);
}

function instantOf(text = ''): EpochMillis | undefined {
  return /^\d{13}$/.test(text) ? epochMillis(Number(text)) : parseInstant(text.slice(0, 64));
}

function toldByRow(row: Row, at: EpochMillis | undefined, cluster: string | undefined): Circumstances {
  const { verb, uri, apiGroup, resource, subresource, namespace, name, code, ips } = row;
  const request = present<AuditRequest>({ verb, uri, apiGroup, resource, subresource, namespace, name });
  return told({
    at,
    cluster,
    auditId: row.auditId,
    request: Object.keys(request).length === 0 ? undefined : request,
    code: /^\d{3}$/.test(code ?? '') ? Number(code) : undefined,
    sourceIps: ips.length === 0 ? undefined : ips,
    userAgent: row.userAgent,
    impersonated: row.impersonated,
  });
}

/** By uid and username; else by the session or the key, which say more than either alone; else by what there is. */
function subjectOfRow(row: Row, key: string | undefined, circumstances: Circumstances): Subject | undefined {
  const { uid, username, sessionName, arn, auditId } = row;
  if (uid !== undefined && username !== undefined)
    return subjectOfUser({ uid, username, extra: { accessKeyId: key, sessionName, arn } }, circumstances);
  const identity = parseUid(uid);
  const session = sessionName ?? assumedRoleRef(arn)?.sessionName;
  const principal = identity?.kind === 'role' && session !== undefined ? `${identity.roleId}:${session}` : undefined;
  const signer = subjectOfPrincipal(principal, { accessKeyId: key, arn }, circumstances);
  if (signer !== undefined) return signer;
  const bySession = arn === undefined ? undefined : subjectOfSessionArn(arn, circumstances);
  if (bySession !== undefined) return bySession;
  if (username !== undefined) return subjectOfUsername(username, circumstances);
  const byUid = uid === undefined ? undefined : subjectOfUid(uid, circumstances);
  if (byUid !== undefined) return byUid;
  return auditId === undefined ? undefined : { by: 'audit-id', auditId, told: circumstances };
}
