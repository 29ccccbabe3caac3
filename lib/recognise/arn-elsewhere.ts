import { arnForm } from './arn-form.ts';
import type { Elsewhere } from './recognition.ts';
import { isWorkloadArn } from './shown-name.ts';

const ARN = /^arn:[a-z0-9-]{1,32}:([a-z0-9-]{1,64}):[a-z0-9-]{0,32}:(?:\d{12}|aws)?:\S{1,1024}$/i;
const CLUSTER = /^arn:[a-z0-9-]{1,32}:eks:[a-z0-9-]{1,32}:\d{12}:cluster\/([0-9A-Za-z][\w-]{0,99})$/i;
/** IAM's resources that nobody acts as. Source: Service Authorization Reference, "AWS Identity and Access Management". */
const NO_IDENTITY =
  /:iam::[^:]*:(?:policy|group|instance-profile|saml-provider|oidc-provider|mfa|u2f|server-certificate|access-report|sms-mfa)\//i;

/**
 * An ARN of nobody: a bucket, a cluster, a policy. Those of STS, and those of IAM that may be somebody's, can be usernames of a
 * cluster, in whatever form somebody mapped them.
 */
export function arnElsewhere(word: string): Elsewhere | undefined {
  const [, service] = ARN.exec(word) ?? [];
  if (service === undefined || arnForm(word, {}) !== undefined || isWorkloadArn(word)) return undefined;
  const cluster = CLUSTER.exec(word)?.[1];
  if (cluster !== undefined)
    return {
      outcome: 'elsewhere',
      as: "an EKS cluster's ARN",
      advice: `Ask for what was done there: eks-whois records --cluster ${cluster}`,
      cluster,
    };
  const mayBeSomebody = /^(?:sts|iam)$/i.test(service) && !NO_IDENTITY.test(word);
  if (mayBeSomebody) return undefined;
  return {
    outcome: 'elsewhere',
    as: "an ARN that is nobody's",
    advice: 'Give the ARN of a role, a user or a session (arn:aws:sts::<account>:assumed-role/<role>/<session name>).',
  };
}
