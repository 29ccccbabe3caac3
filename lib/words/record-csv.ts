import type { AuditRecord } from '../attribution/record.ts';
import { actionText } from '../audit/action.ts';
import { csvCell } from './escape.ts';

type Cell = string | number | undefined;

/**
 * The columns of the CSV output. Each is one field of the record. Lists are joined by spaces, and the chain and
 * candidates are JSON.
 */
export const CSV_COLUMNS: ReadonlyMap<string, (record: AuditRecord) => Cell> = new Map<
  string,
  (record: AuditRecord) => Cell
>([
  ['time', (r) => r.time],
  ['cluster', (r) => r.cluster],
  ['clusterArn', (r) => r.clusterArn],
  ['status', (r) => r.attribution.status],
  ['method', (r) => r.attribution.method],
  ['reason', (r) => r.attribution.reason],
  ['flags', (r) => r.attribution.flags.join(' ')],
  ['actorKind', (r) => r.attribution.actor?.kind],
  ['actorName', (r) => r.attribution.actor?.knownAs ?? r.attribution.actor?.name], // `knownAs` distinguishes users of two directories with one name.
  ['actorId', (r) => r.attribution.actor?.id],
  ['actorAccountId', (r) => r.attribution.actor?.accountId],
  ['actorPrincipalId', (r) => r.attribution.actor?.principalId],
  ['actorArn', (r) => r.attribution.actor?.arn],
  ['actorProvider', (r) => r.attribution.actor?.provider],
  ['actorWorkload', (r) => r.attribution.actor?.workload],
  ['actorSessionName', (r) => r.attribution.actor?.sessionName],
  ['sourceIdentity', (r) => r.attribution.actor?.sourceIdentity],
  ['verb', (r) => r.request?.verb],
  ['apiGroup', (r) => r.request?.apiGroup],
  ['resource', (r) => r.request?.resource],
  ['subresource', (r) => r.request?.subresource],
  ['namespace', (r) => r.request?.namespace],
  ['name', (r) => r.request?.name],
  ['uri', (r) => r.request?.uri],
  ['action', (r) => r.action && actionText(r.action)],
  ['code', (r) => r.response?.code],
  ['decision', (r) => r.authorization?.decision],
  ['callerKind', (r) => r.caller.kind],
  ['username', (r) => r.caller.username],
  ['uid', (r) => r.caller.uid],
  ['groups', (r) => r.caller.groups?.join(' ')],
  ['roleId', (r) => r.caller.roleId],
  ['sessionName', (r) => r.caller.sessionName],
  ['accessKeyId', (r) => r.caller.accessKeyId],
  ['callerArn', (r) => r.caller.arn],
  ['pod', (r) => r.caller.pod?.name],
  ['podUid', (r) => r.caller.pod?.uid],
  ['impersonatedUsername', (r) => r.impersonated?.username],
  ['sourceIps', (r) => r.source?.ips?.join(' ')],
  ['userAgent', (r) => r.source?.userAgent],
  ['auditId', (r) => r.auditId],
  ['stage', (r) => r.stage],
  ['chain', (r) => r.attribution.chain && JSON.stringify(r.attribution.chain)],
  ['candidates', (r) => r.attribution.candidates && JSON.stringify(r.attribution.candidates)],
  ['use', (r) => r.attribution.use && JSON.stringify(r.attribution.use)],
  ['uses', (r) => r.attribution.uses && JSON.stringify(r.attribution.uses)],
  ['accountId', (r) => r.accountId],
  ['handedOverBy', (r) => r.origin?.handedOverBy],
]);

/** Returns the header row. */
export function csvHeader(): string {
  return csvLine([...CSV_COLUMNS.keys()]);
}

/** Returns a record as one row (RFC 4180), safe in a spreadsheet. */
export function csvRecord(record: AuditRecord): string {
  return csvLine([...CSV_COLUMNS.values()].map((cell) => csvCell(String(cell(record) ?? ''))));
}

/** Joins cells that are already escaped. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}
