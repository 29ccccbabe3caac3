import { roleRef } from '../identity/arn.ts';
import { filledTextAt, isJsonObject, objectAt, parseJson, textAt } from '../json.ts';
import { type Finding, finding } from './finding.ts';

/** One AssumeRole that succeeded, as far as doctor looks at it. Names are the caller's choice. */
export interface Assumption {
  readonly eventId: string;
  readonly roleArn: string;
  readonly sessionName: string;
  /** Where the caller is of another account, whose trail alone knows who it was. */
  readonly callerAccount?: string;
}

/** From the JSON of a CloudTrail record; undefined for any other. */
export function readAssumption(record: string): Assumption | undefined {
  const parsed = parseJson(record);
  if (!parsed.ok || !isJsonObject(parsed.value)) return undefined;
  const parameters = objectAt(parsed.value, 'requestParameters');
  const caller = objectAt(parsed.value, 'userIdentity');
  const roleArn = textAt(parameters, 'roleArn');
  if (textAt(parsed.value, 'eventName') !== 'AssumeRole' || roleArn === undefined) return undefined;
  if (filledTextAt(parsed.value, 'errorCode') !== undefined) return undefined;
  const account = textAt(caller, 'type') === 'AWSAccount' ? filledTextAt(caller, 'accountId') : undefined;
  return {
    eventId: textAt(parsed.value, 'eventID') ?? '',
    roleArn,
    sessionName: textAt(parameters, 'roleSessionName') ?? '',
    ...(account !== undefined && account !== roleRef(roleArn)?.accountId && { callerAccount: account }),
  };
}

/** The session name of `aws eks get-token --role-arn` (FACTS). */
const SHARED_NAME = 'EKSGetTokenAuth';

/** Copies of one event are one. `connected` are the accounts whose trail the service knows. */
export function assumptionFindings(
  found: readonly Assumption[],
  connected: readonly string[],
  days: number,
): readonly Finding[] {
  const assumptions = [...new Map(found.map((one) => [one.eventId, one])).values()];
  const shared = assumptions.filter(({ sessionName }) => sessionName === SHARED_NAME);
  const foreign = assumptions.filter(
    ({ callerAccount = '' }) => callerAccount !== '' && !connected.includes(callerAccount),
  );
  return [
    ...[...Map.groupBy(shared, ({ roleArn }) => roleArn)].map(([roleArn, all]) => sharedName(roleArn, all, days)),
    ...[...Map.groupBy(foreign, ({ callerAccount = '' }) => callerAccount)].map(([account, all]) =>
      notConnected(account, all, days),
    ),
  ];
}

function sharedName(roleArn: string, all: readonly Assumption[], days: number): Finding {
  return finding('shared-session-name', {
    subject: roleArn,
    evidence: `Assumed ${times(all)} as ${SHARED_NAME} within ${days} days, event ${all[0]?.eventId ?? ''} for one.`,
    mend: `Let each person make the context again: eks-whois kubeconfig create <cluster> --role-arn ${roleArn} --force`,
  });
}

function notConnected(account: string, all: readonly Assumption[], days: number): Finding {
  const roles = [...new Set(all.map(({ roleArn }) => roleArn))];
  return finding('caller-account-not-connected', {
    subject: `account ${account}`,
    evidence: `Assumed ${roles.join(', ')} ${times(all)} within ${days} days, event ${all[0]?.eventId ?? ''} for one.`,
    mend: `Make infra/lookup-role.yml a stack in ${account}, and add '${account}' to accounts in serverless.yml; then give doctor --connected-account ${account}.`,
  });
}

function times({ length }: readonly unknown[]): string {
  return length === 1 ? 'once' : `${length} times`;
}
