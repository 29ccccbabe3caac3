import { assumedRoleRef, federatedUserName, roleRef, userName } from '../identity/arn.ts';
import { subjectOfPrincipal, subjectOfSessionArn } from './callers.ts';
import { type Form, form } from './gathering.ts';
import type { Circumstances } from './subject.ts';

const ARN = /^arn:([a-z0-9-]{1,32}):(iam|sts)::(\d{12}):([a-z-]{1,32})(.*)$/is;

/** The ARN of somebody, or of a role; undefined for any other one. */
export function arnForm(word: string, told: Circumstances): Form | undefined {
  const [, partition, service, account, type, rest] = ARN.exec(word) ?? [];
  if (partition === undefined || service === undefined || type === undefined) return undefined;
  const arn = `arn:${partition}:${service}::${account}:${type}`.toLowerCase() + (rest ?? '');
  const notes = arn === word ? [] : ['Parts of the ARN were in the wrong case, and are put right.'];
  const found = formOfArn(arn, account ?? '', told);
  return found === undefined ? undefined : { ...found, notes };
}

function formOfArn(arn: string, account: string, told: Circumstances): Form | undefined {
  if (assumedRoleRef(arn) !== undefined) return form('session-arn', [subjectOfSessionArn(arn, told)]);
  if (roleRef(arn) !== undefined) return form('role-arn', [{ by: 'role', role: arn, told }]);
  if (userName(arn) !== undefined) return form('user-arn', [{ by: 'person', person: arn, told }]);
  const federated = federatedUserName(arn);
  if (federated !== undefined)
    return form('federated-arn', [subjectOfPrincipal(`${account}:${federated}`, { arn }, told)]);
  return arn.endsWith(':root') ? form('root-arn', [{ by: 'person', person: arn, told }]) : undefined;
}
