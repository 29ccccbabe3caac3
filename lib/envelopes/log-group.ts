/** An account or an ARN, as Insights' `@log` and live tails write a log group. */
const BEFORE_NAME = /^(?:arn:[^:]*:logs:[^:]*:(\d*):log-group:|(\d+):)/;

/** The log group's own name, however an envelope writes it. */
export function logGroupName(written: string): string {
  return written.replace(BEFORE_NAME, '').replace(/:\*$/, '');
}

/** The account before a log group's name, where an envelope writes one there. */
export function accountOfLogGroup(written: string): string | undefined {
  const [, ofArn, alone] = BEFORE_NAME.exec(written) ?? [];
  return (ofArn ?? alone) || undefined;
}

/**
 * No cluster's name has a slash (EKS API Reference, "CreateCluster"). The collector that AWS's chart `aws-for-fluent-bit`
 * sets up writes what a pod says to `/aws/eks/fluentbit-cloudwatch/workload/<namespace>`, and a namespace may be `cluster`.
 */
const CLUSTER_LOG_GROUP = /^\/aws\/eks\/([^/]+)\/cluster$/;

/** The cluster whose control plane writes to the log group of this name: `/aws/eks/<cluster>/cluster`. */
export function clusterOfLogGroup(name: string | undefined): string | undefined {
  return name === undefined ? undefined : CLUSTER_LOG_GROUP.exec(name)?.[1];
}

/** Where applications log, or parts of a cluster that are not its control plane: no trail is delivered there. */
const WITHOUT_TRAILS = /^\/aws\/(?:lambda|eks|containerinsights)\//;

/** Whether a trail may deliver to the log group of this name. */
export function mayHaveTrail(name: string): boolean {
  return !WITHOUT_TRAILS.test(name);
}

const AUDIT_STREAM = /^kube-apiserver-audit-/;
const OTHER_CONTROL_PLANE_STREAM =
  /^(?:authenticator|kube-apiserver|kube-scheduler|kube-controller-manager|cloud-controller-manager)-/;

/** Whether the stream holds audit events (EKS User Guide, "Control plane logging"). */
export function isAuditStream(stream: string): boolean {
  return AUDIT_STREAM.test(stream);
}

/** Whether the stream is one of the control plane's other ones, which share the log group. */
export function isOtherControlPlaneStream(stream: string): boolean {
  return !AUDIT_STREAM.test(stream) && OTHER_CONTROL_PLANE_STREAM.test(stream);
}

const TRAIL_STREAM = /^(?:o-[a-z0-9]{1,32}_)?\d{12}_CloudTrail_[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}(?:_\d+)?$/;

/** Whether the stream is one that CloudTrail writes (CloudTrail User Guide, "CloudWatch log group and log stream naming"). */
export function isTrailStream(stream: string): boolean {
  return TRAIL_STREAM.test(stream);
}

const OTHER_STREAM_TEXT = /^(?:[IWEF]\d{4} \d\d:\d\d|time="[^"]*" level=)/;

/** Whether the text is a line that the control plane's other streams write: klog's or logrus'. */
export function isOtherStreamText(text: string): boolean {
  return OTHER_STREAM_TEXT.test(text);
}
