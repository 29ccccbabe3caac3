import { AwsError } from '../../lib/adapters/aws/aws-error.ts';
import type { AwsSettings } from '../../lib/adapters/aws/aws-settings.ts';
import { describeCluster, type EksCluster } from '../../lib/adapters/eks/clusters.ts';
import { endpointAddresses } from '../../lib/adapters/eks/network.ts';
import { changeConfigs } from '../../lib/adapters/kubeconfig/change.ts';
import type { ClusterAccess } from '../../lib/kubeconfig/access.ts';
import { hostsLines } from '../../lib/kubeconfig/hosts.ts';
import { KubeconfigError } from '../../lib/kubeconfig/kubeconfig-error.ts';
import { overwritten, type Plan, planAccess } from '../../lib/kubeconfig/plan.ts';
import { note, reportFaults } from '../failures/faults.ts';
import { awsSettings } from '../options/aws-options.ts';
import { readFiles } from './files.ts';
import { diffOf, type Report, reportOf } from './report.ts';
import { type CreateOptions, type CreateRequest, createRequest } from './request.ts';
import { type Persona, personaOf } from './sign-in.ts';

export function createAction(name: string, options: CreateOptions): Promise<void> {
  const request = createRequest(name, options);
  return reportFaults(async () => {
    const settings = awsSettings(options);
    const cluster = await readyCluster(settings, request.cluster);
    const persona = await personaOf(request, settings);
    const plan = await change(accessTo(cluster, request, persona), persona, options);
    const hosts = options.dryRun
      ? []
      : await hostsOf(cluster, { ...settings, region: cluster.region }, options.hosts === true);
    printReport({ request, cluster, persona, plan, hosts }, options);
  });
}

type ReadyCluster = EksCluster & Required<Pick<EksCluster, 'endpoint' | 'certificateAuthority'>>;

async function readyCluster(settings: AwsSettings, name: string): Promise<ReadyCluster> {
  const cluster = await describeCluster(settings, name);
  const { endpoint, certificateAuthority, status } = cluster;
  if (endpoint === undefined || certificateAuthority === undefined || status === 'DELETING') {
    throw new KubeconfigError(
      `The cluster ${name} is ${status} and has no endpoint to sign in to. Try again when it is ACTIVE.`,
    );
  }
  return { ...cluster, endpoint, certificateAuthority };
}

function accessTo(cluster: ReadyCluster, request: CreateRequest, { signIn }: Persona): ClusterAccess {
  return {
    name: request.name,
    cluster: cluster.name,
    region: cluster.region,
    server: cluster.endpoint,
    certificateAuthority: cluster.certificateAuthority,
    namespace: request.namespace,
    signIn,
  };
}

function change(access: ClusterAccess, persona: Persona, options: CreateOptions): Promise<Plan> {
  return changeConfigs(
    async () => planAccess(await readFiles(options.kubeconfig), access, options.use === true, await persona.profile()),
    (plan) => plan.texts,
    (plan) => options.dryRun !== true && approved(plan, access.name, options.force === true),
  );
}

function approved(plan: Plan, name: string, force: boolean): true {
  const differing = overwritten(plan);
  if (force || differing.length === 0) return true;
  throw new KubeconfigError(
    `The context ${name} exists and differs: ${differing.join('; ')}. ` +
      'Look at it with --dry-run. Then give --force to replace it, or --alias for another name.',
  );
}

/** Returns the lines for a private endpoint. If the addresses cannot be read, the context is created anyway. */
async function hostsOf(cluster: ReadyCluster, settings: AwsSettings, always: boolean): Promise<readonly string[]> {
  if (!cluster.privateAccess || (cluster.publicAccess && !always)) return [];
  try {
    const addresses = await endpointAddresses(settings, cluster.name, cluster.vpcId);
    if (addresses.length === 0)
      note(`The network interfaces of ${cluster.name} are not visible to you, so no hosts line is printed.`);
    return hostsLines(cluster.endpoint, addresses);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    note(`The endpoint of ${cluster.name} is private, and its addresses cannot be read. ${error.message}`);
    return [];
  }
}

function printReport(report: Report, options: CreateOptions): void {
  if (options.dryRun !== true) {
    process.stdout.write(reportOf(report));
    return;
  }
  process.stdout.write(diffOf(report.plan.texts));
  const force = overwritten(report.plan).length > 0 && options.force !== true ? ' To do this, --force is needed.' : '';
  note(report.plan.texts.length === 0 ? 'Nothing would change.' : `Nothing was written.${force}`);
}
