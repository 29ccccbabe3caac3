import { roleRef } from '../identity/arn.ts';
import { filledTextAt, isJsonObject, objectAt, parseJson, textAt } from '../json.ts';
import { quoted } from '../shell.ts';
import { command, type Finding, finding } from './finding.ts';

/** A successful AssumeRole call, with the fields that doctor needs. The caller chooses the names. */
export interface Assumption {
  readonly eventId: string;
  readonly roleArn: string;
  readonly sessionName: string;
  /** The caller's account, if it is not the role's account. Only the trail of that account shows who called. */
  readonly callerAccount?: string;
}

/** Parses a CloudTrail record in JSON. Undefined for anything but a successful AssumeRole. */
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

/** The session name that `aws eks get-token --role-arn` sets (FACTS). So many people share it. */
export const SHARED_NAME = 'EKSGetTokenAuth';

/** The account, the days and the clusters that findings about assumed roles mention. */
export interface AssumptionScope {
  /** The account that doctor checks. */
  readonly accountId: string;
  /** Other accounts whose trail the service has. */
  readonly connected: readonly string[];
  readonly days: number;
  /** Returns the known clusters that let a role in, as `kubeconfig create` names them. */
  readonly clustersOf: (roleArn: string) => readonly string[];
  /** `<service>-<stage>`, if it is known. */
  readonly prefix: string | undefined;
}

/**
 * Returns findings about shared session names, and about callers in accounts that are not connected. Copies of one
 * event count once.
 */
export function assumptionFindings(found: readonly Assumption[], scope: AssumptionScope): readonly Finding[] {
  const assumptions = [...new Map(found.map((one) => [one.eventId, one])).values()];
  const shared = assumptions.filter(({ sessionName }) => sessionName === SHARED_NAME);
  const foreign = assumptions.filter(
    ({ callerAccount = scope.accountId }) => ![scope.accountId, ...scope.connected].includes(callerAccount),
  );
  return [
    ...[...Map.groupBy(shared, ({ roleArn }) => roleArn)].map(([roleArn, all]) => sharedName(roleArn, all, scope)),
    ...[...Map.groupBy(foreign, ({ callerAccount = '' }) => callerAccount)].map(([account, all]) =>
      notConnected(account, all, scope),
    ),
  ];
}

function sharedName(roleArn: string, all: readonly Assumption[], { days, clustersOf }: AssumptionScope): Finding {
  const clusters = clustersOf(roleArn);
  const commands = (clusters.length === 0 ? ['<cluster> --region <region>'] : clusters).map((cluster) =>
    command(`eks-whois kubeconfig create ${cluster} --role-arn ${quoted(roleArn)} --force`),
  );
  return finding('shared-session-name', {
    subject: roleArn,
    evidence: `Assumed ${times(all)} as ${SHARED_NAME} within ${days} days, for example in event ${all[0]?.eventId ?? ''}.`,
    mend: `Ask each person to create the context again: ${commands.join('; ')}`,
  });
}

function notConnected(account: string, all: readonly Assumption[], scope: AssumptionScope): Finding {
  const { days, accountId, prefix } = scope;
  const stage = /^eks-whois-(.+)$/.exec(prefix ?? '')?.[1] ?? '<stage>';
  const hub = `HubAccount=${accountId} HubPrefix=${prefix ?? '<service>-<stage>'}`;
  const role = command(
    `aws cloudformation deploy --template-file infra/lookup-role.yml --stack-name eks-whois-lookup --capabilities CAPABILITY_NAMED_IAM --parameter-overrides ${hub}`,
  );
  const deploy = command(
    `npm run deploy -- --stage ${stage} --region <its Region> --param accounts=<current accounts>,${account}`,
  );
  const roles = [...new Set(all.map(({ roleArn }) => roleArn))];
  return finding('caller-account-not-connected', {
    subject: `account ${account}`,
    evidence: `Assumed ${roles.join(', ')} ${times(all)} within ${days} days, for example in event ${all[0]?.eventId ?? ''}.`,
    mend: `With a profile of ${account}: ${role}. Then ${deploy}, with the other parameters unchanged (docs/deploy.md). From then on, run doctor with --connected-account ${account}.`,
  });
}

function times({ length }: readonly unknown[]): string {
  return length === 1 ? 'once' : `${length} times`;
}
