import { clusterInFull } from '../../identity/cluster.ts';
import { quoted } from '../../shell.ts';
import { fewerInTurns, inTurns } from '../../turns.ts';
import { byTime } from '../activity/requests.ts';
import { type ChangeRow, isSurelyBy, type KnownChanges } from '../changes/changes.ts';
import { type IncidentReport, namesOfSections, type ReportedChange, type Section, type Step } from './report.ts';

/** Limits the changes that are listed. The accounts take turns. */
const MOST_LISTED = 100;
/** Limits the steps for the changes of one person. The accounts take turns. */
const MOST_STEPS = 10;

const SOURCES = {
  entry: 'EKS User Guide, "Grant IAM users access to Kubernetes with EKS access entries"',
  logging: 'EKS User Guide, "Send control plane logs to CloudWatch Logs"',
  endpoint: 'EKS User Guide, "Configure network access to cluster API server endpoint"',
  provider: 'EKS User Guide, "Grant users access to Kubernetes with an external OIDC provider"',
  association: 'EKS User Guide, "Learn how EKS Pod Identity grants pods access to AWS services"',
} as const;

/**
 * Returns the changes for the report in the order of time, each with the section whose person made it. Successful
 * calls have precedence, because anybody can make any number of calls that fail. The accounts
 * take turns, because an account can make any number of successful calls in itself.
 */
export function reportedChanges(
  known: KnownChanges | undefined,
  sections: readonly Section[],
): Pick<IncidentReport, 'clusterChanges' | 'clusterChangesLeft' | 'clusterChangesNote'> {
  if (known === undefined) return { clusterChangesNote: NOT_READ };
  const { changes, note } = known;
  const names = namesOfSections(sections);
  const sorted = changes.toSorted(byTime);
  const [succeeded, failed] = [false, true].map((isFailed) =>
    inTurns(
      sorted.filter(({ errorCode }) => (errorCode !== undefined) === isFailed),
      accountsOf,
    ),
  );
  const listed = [...(succeeded ?? []), ...(failed ?? [])].slice(0, MOST_LISTED).sort(byTime);
  return {
    clusterChanges: listed.map((change) => {
      const by = sections.findIndex((section) => isBy(section, change));
      return { ...change, ...(by >= 0 && { by: names[by] ?? '' }) };
    }),
    clusterChangesLeft: changes.length - listed.length,
    ...(note !== undefined && { clusterChangesNote: note }),
  };
}

function accountsOf({ accountId }: ChangeRow): readonly [string | undefined] {
  return [accountId];
}

const NOT_READ = 'Not known: no CloudTrail record of calls of the EKS API was read.';

/**
 * Returns whether the section's person made the call. Either CloudTrail proves it, or the call has an access key of one
 * of the person's sessions.
 */
function isBy({ actor, session, sessions, accessKeyId }: Section, change: ChangeRow): boolean {
  const key = change.caller.accessKeyId;
  const keys = [session, accessKeyId, ...sessions.map((each) => each.accessKeyId)];
  return (key !== undefined && keys.includes(key)) || (actor !== undefined && isSurelyBy(change, actor));
}

/**
 * Returns the steps that undo what one person changed. A change that somebody has undone since has no step.
 * @param name the name of the section whose changes are undone.
 * @param laterChanges the changes after those that the report lists.
 */
export function changeSteps(
  changes: readonly ReportedChange[],
  name: string,
  condition: string,
  later: readonly ReportedChange[] = [],
): readonly Step[] {
  const made = [...changes, ...later].filter(({ errorCode }) => errorCode === undefined);
  const steps = made.flatMap((change, at) => {
    const isOpen = change.by === name && !made.slice(at + 1).some((next) => isUndone(change, next));
    const step = isOpen && changes.includes(change) ? stepOf(change) : undefined;
    return step === undefined ? [] : [{ change, step: { ...step, title: `${condition}${step.title}` } }];
  });
  const distinct = [...new Map(steps.map((each) => [each.step.command ?? each.step.title, each])).values()];
  const shown = fewerInTurns(distinct, ({ change }) => accountsOf(change), MOST_STEPS).map(({ step }) => step);
  if (shown.length === distinct.length) return shown;
  const more = `There are ${distinct.length - shown.length} more changes to undo: see the list of changes. `;
  return shown.map((step, at) => (at === shown.length - 1 ? { ...step, caution: `${more}${step.caution}` } : step));
}

const UNDOING: Readonly<Record<string, string>> = {
  CreateAccessEntry: 'DeleteAccessEntry',
  AssociateAccessPolicy: 'DisassociateAccessPolicy',
  AssociateIdentityProviderConfig: 'DisassociateIdentityProviderConfig',
  CreatePodIdentityAssociation: 'DeletePodIdentityAssociation',
};

function isUndone(change: ReportedChange, later: ReportedChange): boolean {
  const isSame = (['cluster', 'accountId', 'region'] as const).every((field) => change[field] === later[field]);
  if (!isSame) return false;
  const isOfEntry = change.principalArn !== undefined && change.principalArn === later.principalArn;
  switch (change.eventName) {
    case 'AssociateAccessPolicy':
      if (later.eventName === 'DeleteAccessEntry') return isOfEntry;
      return later.eventName === UNDOING[change.eventName] && isOfEntry && change.policyArn === later.policyArn;
    case 'UpdateClusterConfig':
      return later.eventName === change.eventName && isLoggingBack(change, later);
    case 'CreateAccessEntry':
      return later.eventName === UNDOING[change.eventName] && isOfEntry;
    default:
      return (
        later.eventName === UNDOING[change.eventName] &&
        change.identityProvider === later.identityProvider &&
        change.associationId === later.associationId
      );
  }
}

function isLoggingBack({ loggingOff = [] }: ReportedChange, { loggingOn = [] }: ReportedChange): boolean {
  return loggingOff.length > 0 && loggingOff.every((type) => loggingOn.includes(type));
}

type UndoStep = Pick<Step, 'title' | 'command' | 'effect' | 'caution' | 'source'>;

function stepOf(change: ReportedChange): UndoStep | undefined {
  const {
    eventName,
    principalArn = 'PRINCIPAL_ARN',
    policyArn = 'POLICY_ARN',
    identityProvider = 'NAME',
    time,
  } = change;
  const where = `in the cluster ${nameOf(change)}, at ${time}`;
  const of = `--cluster-name ${quoted(change.cluster ?? 'CLUSTER')}${regionOf(change)}`;
  const principal = `--principal-arn ${quoted(principalArn)}`;
  switch (eventName) {
    case 'CreateAccessEntry':
      return {
        title: `Delete the access entry of ${principalArn} that was created ${where}`,
        command: `aws eks delete-access-entry ${of} ${principal}`,
        effect: 'The principal can no longer access the cluster through this entry. Its access policies go with it.',
        caution: 'If aws-auth names the principal, remove it there too. Service account tokens stay valid.',
        source: SOURCES.entry,
      };
    case 'AssociateAccessPolicy':
      return {
        title: `Remove the access policy ${policyArn} of ${principalArn}: it was granted ${where}`,
        command: `aws eks disassociate-access-policy ${of} ${principal} --policy-arn ${quoted(policyArn)}`,
        effect: 'The principal loses what this policy allows.',
        caution:
          'The groups of the access entry, or bindings, can allow the same. Everybody who uses the principal is affected.',
        source: SOURCES.entry,
      };
    case 'UpdateAccessEntry':
      return {
        title: `Check the access entry of ${principalArn} that was changed ${where}`,
        command: `aws eks describe-access-entry ${of} ${principal}`,
        effect: 'Shows its username and groups. Set them back with aws eks update-access-entry.',
        caution: 'This changes nothing. CloudTrail does not show what was there before.',
        source: SOURCES.entry,
      };
    case 'DeleteAccessEntry':
    case 'DisassociateAccessPolicy':
      return {
        title: `Check whether ${principalArn} should get its access back: ${eventName} ${where}`,
        command: `aws eks list-access-entries ${of}`,
        effect: 'Shows who has an access entry. CloudTrail has the call that created the deleted one.',
        caution: 'This changes nothing. People may be locked out of the cluster until it is restored.',
        source: SOURCES.entry,
      };
    case 'UpdateClusterConfig':
      return configStep(change, where);
    case 'AssociateIdentityProviderConfig':
      return {
        title: `Remove the identity provider ${identityProvider} that was added ${where}`,
        command: `aws eks disassociate-identity-provider-config ${of} --identity-provider-config ${quoted(`type=oidc,name=${identityProvider}`)}`,
        effect: 'Its users can no longer sign in to the cluster.',
        caution: 'If people sign in with it, they lose access too. The change takes minutes.',
        source: SOURCES.provider,
      };
    case 'CreatePodIdentityAssociation':
    case 'UpdatePodIdentityAssociation':
      return {
        title: `Delete the Pod Identity association ${change.associationId ?? 'ASSOCIATION_ID'}, ${eventName === 'CreatePodIdentityAssociation' ? 'created' : 'changed'} ${where}${change.roleArn === undefined ? '' : `: role ${change.roleArn}`}`,
        command: `aws eks delete-pod-identity-association ${of} --association-id ${quoted(change.associationId ?? 'ASSOCIATION_ID')}`,
        effect: 'New pods of the service account no longer get the role.',
        caution:
          'Running pods keep their sessions until these expire: revoke the sessions of the role. Pods that need the role stop working.',
        source: SOURCES.association,
      };
    default:
      return undefined;
  }
}

/** Returns the step that turns logs on again, or that checks an opened endpoint or another authentication mode. */
function configStep(change: ReportedChange, where: string): UndoStep | undefined {
  const { loggingOff = [], publicEndpoint, publicCidrs, authenticationMode } = change;
  const of = `--name ${quoted(change.cluster ?? 'CLUSTER')}${regionOf(change)}`;
  if (loggingOff.length > 0) {
    const logging = JSON.stringify({ clusterLogging: [{ types: loggingOff, enabled: true }] });
    return {
      title: `Turn the ${loggingOff.join(', ')} logs on again: they were turned off ${where}`,
      command: `aws eks update-cluster-config ${of} --logging ${quoted(logging)}`,
      effect: 'From then on, the logs are written again, and requests can be attributed.',
      caution:
        'No audit log shows what was done while it was off. Check what exists now: bindings, pods, access entries.',
      source: SOURCES.logging,
    };
  }
  if (publicEndpoint === true || publicCidrs !== undefined)
    return {
      title: `Check which addresses can reach the API server: this was changed ${where}`,
      command: `aws eks describe-cluster ${of} --query cluster.resourcesVpcConfig`,
      effect: 'Shows endpointPublicAccess and publicAccessCidrs. Set them back with aws eks update-cluster-config.',
      caution: 'This changes nothing. If you narrow the addresses, keep those of yourself and your pipelines.',
      source: SOURCES.endpoint,
    };
  if (authenticationMode !== undefined)
    return {
      title: `Check the authentication mode ${authenticationMode}, which was set ${where}`,
      command: `aws eks list-access-entries --cluster-name ${quoted(change.cluster ?? 'CLUSTER')}${regionOf(change)}`,
      effect: 'With access entries, the EKS API decides who gets access. Check each entry.',
      caution: 'This changes nothing. The mode cannot be set back to CONFIG_MAP.',
      source: SOURCES.entry,
    };
  return undefined;
}

function regionOf({ region }: ReportedChange): string {
  return region === undefined ? '' : ` --region ${quoted(region)}`;
}

/** Returns the cluster's name, with its account and Region if they are known. */
export function nameOf({ cluster = 'CLUSTER', clusterArn }: Pick<ChangeRow, 'cluster' | 'clusterArn'>): string {
  return clusterInFull(clusterArn ?? cluster);
}
