import { assumedRoleRef, federatedUserName, roleRef, userName } from '../identity/arn.ts';
import { subjectOfPrincipal, subjectOfSessionArn } from './callers.ts';
import { type Form, form } from './form-collector.ts';
import type { MisplacedText } from './recognition.ts';
import { isWorkloadArn } from './shown-name.ts';
import type { Circumstances } from './subject.ts';

const ARN = /^arn:[a-z0-9-]{1,32}:([a-z0-9-]{1,64}):[a-z0-9-]{0,32}:(?:\d{12}|aws)?:\S{1,1024}$/i;
const CLUSTER = /^arn:[a-z0-9-]{1,32}:eks:[a-z0-9-]{1,32}:\d{12}:cluster\/([0-9A-Za-z][\w-]{0,99})$/i;
/** Matches IAM resources that cannot be callers. Source: Service Authorization Reference, "AWS Identity and Access Management". */
const NO_IDENTITY =
  /:iam::[^:]*:(?:policy|group|instance-profile|saml-provider|oidc-provider|mfa|u2f|server-certificate|access-report|sms-mfa)\//i;

/**
 * Returns advice for the ARN of something that cannot be a caller, such as a bucket, a cluster or a policy. Undefined
 * for any other ARN of STS or IAM: a cluster can use any of them as a username.
 */
export function misplacedArn(word: string): MisplacedText | undefined {
  const [, service] = ARN.exec(word) ?? [];
  if (service === undefined || arnForm(word, {}) !== undefined || isWorkloadArn(word)) return undefined;
  const clusterArn = CLUSTER.test(word) ? word : undefined;
  if (clusterArn !== undefined)
    return {
      outcome: 'elsewhere',
      as: 'an EKS cluster ARN',
      advice: `List the requests to it: eks-whois records --cluster ${clusterArn}`,
      clusterArn,
    };
  const mayBeSomebody = /^(?:sts|iam)$/i.test(service) && !NO_IDENTITY.test(word);
  if (mayBeSomebody) return undefined;
  return {
    outcome: 'elsewhere',
    as: 'an ARN that names no caller',
    advice: 'Give the ARN of a role, a user or a session (arn:aws:sts::<account>:assumed-role/<role>/<session name>).',
  };
}

const IDENTITY_ARN = /^arn:([a-z0-9-]{1,32}):(iam|sts)::(\d{12}):([a-z-]{1,32})(.*)$/is;

/** Returns the form of a caller's or a role's ARN. Undefined for any other ARN. */
export function arnForm(word: string, circumstances: Circumstances): Form | undefined {
  const [, partition, service, account, type, rest] = IDENTITY_ARN.exec(word) ?? [];
  if (partition === undefined || service === undefined || type === undefined) return undefined;
  const arn = `arn:${partition}:${service}::${account}:${type}`.toLowerCase() + (rest ?? '');
  const notes = arn === word ? [] : ['Corrected the letter case of the ARN.'];
  const found = formOfArn(arn, account ?? '', circumstances);
  return found === undefined ? undefined : { ...found, notes };
}

function formOfArn(arn: string, account: string, circumstances: Circumstances): Form | undefined {
  if (assumedRoleRef(arn) !== undefined) return form('session-arn', [subjectOfSessionArn(arn, circumstances)]);
  if (roleRef(arn) !== undefined) return form('role-arn', [{ by: 'role', role: arn, circumstances }]);
  if (userName(arn) !== undefined) return form('user-arn', [{ by: 'person', person: arn, circumstances }]);
  const federated = federatedUserName(arn);
  if (federated !== undefined)
    return form('federated-arn', [subjectOfPrincipal(`${account}:${federated}`, { arn }, circumstances)]);
  return arn.endsWith(':root') ? form('root-arn', [{ by: 'person', person: arn, circumstances }]) : undefined;
}
