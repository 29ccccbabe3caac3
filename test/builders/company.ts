import { roleIdOf } from '../../lib/identity/arn.ts';
import { keyId } from './ids.ts';

/** Names for the tests' stories: one account, one role on the cluster, one day. */
export const ACCOUNT = '111122223333';
export const OTHER_ACCOUNT = '444455556666';
export const ROLE_NAME = 'project-admin';
export const ROLE_ID = roleIdOf('AROAPROJECTADMIN00001');
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/${ROLE_NAME}`;
/** The access key of the session in most stories. */
export const KEY = keyId('ASIAALICESESSION0001');
export const ANOTHER_KEY = keyId('ASIAANOTHERSESSION02');

/** Returns a time on the day of the stories: `12:10:00` or `12:10:00.5`. */
export function utc(time: string): string {
  return `2026-03-10T${time}Z`;
}
