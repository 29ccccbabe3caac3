import type { RecordedCaller } from '../../attribution/record.ts';

/** `AROA…:<session name>`, or `<account>:<name>` of a federated user; undefined where the caller states none. */
export function sessionText({
  roleId,
  accountId,
  sessionName,
}: Pick<RecordedCaller, 'roleId' | 'accountId' | 'sessionName'>): string | undefined {
  const owner = roleId ?? accountId;
  return owner === undefined || sessionName === undefined ? undefined : `${owner}:${sessionName}`;
}
