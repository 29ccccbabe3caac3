import { type Finding, finding } from './finding.ts';

/** A cluster's audit log, as far as it could be looked at. */
export interface AuditLog {
  readonly cluster: string;
  readonly region: string;
  readonly on: boolean;
  /** The subscription filters of its log group; undefined where they could not be read. */
  readonly filters?: readonly { readonly name: string }[];
  /** Entries of the last days that are no whole JSON object. */
  readonly cut?: { readonly count: number; readonly days: number };
}

/** The log group that EKS writes a cluster's logs to (EKS User Guide, "control plane logs"). */
export function logGroupOf(cluster: string): string {
  return `/aws/eks/${cluster}/cluster`;
}

export function auditLogFindings(log: AuditLog): readonly Finding[] {
  const { cluster, region, on, filters, cut } = log;
  const subject = `cluster ${cluster} (${region})`;
  if (!on) {
    const logging = `'{"clusterLogging":[{"types":["audit"],"enabled":true}]}'`;
    return [
      finding('audit-log-off', {
        subject,
        evidence: 'eks:DescribeCluster lists no enabled log of the type audit.',
        mend: `aws eks update-cluster-config --region ${region} --name ${cluster} --logging ${logging}`,
      }),
    ];
  }
  return [
    ...(filters?.length === 0 ? [notSubscribed(subject, log)] : []),
    ...(cut !== undefined && cut.count > 0 ? [entriesCut(subject, log, cut)] : []),
  ];
}

function notSubscribed(subject: string, { cluster, region }: AuditLog): Finding {
  return finding('audit-log-not-subscribed', {
    subject,
    evidence: `The log group ${logGroupOf(cluster)} has no subscription filter.`,
    mend: `Name the cluster ${cluster} in the service's parameters for ${region} and deploy it: docs/deploy.md`,
  });
}

function entriesCut(subject: string, { cluster, region }: AuditLog, cut: { count: number; days: number }): Finding {
  return finding('audit-entries-cut', {
    subject,
    evidence: `${cut.count} audit entries of the last ${cut.days} days in ${logGroupOf(cluster)} do not end as JSON objects do.`,
    mend: `Read them by hand: aws logs start-query --region ${region} --log-group-name ${logGroupOf(cluster)} --query-string '${CUT_ENTRIES}' with --start-time and --end-time; their first part says who and what. Keep objects that large out of the cluster.`,
  });
}

/** Logs Insights: the audit entries that were cut. They are no JSON, so no field of theirs can be asked for. */
export const CUT_ENTRIES = 'filter @logStream like /^kube-apiserver-audit/ and @message not like /\\}\\s*$/';
