/** Matches the account or ARN that Insights' `@log` and live tails write before the name of a log group. */
const BEFORE_NAME = /^(?:arn:[^:]*:logs:([^:]*):(\d*):log-group:|(\d+):)/;

/** Returns the log group's name from any form in which an envelope writes it. */
export function logGroupName(written: string): string {
  return written.replace(BEFORE_NAME, '').replace(/:\*$/, '');
}

/** Returns the account that an envelope writes before the name of a log group. Undefined if it writes none. */
export function accountOfLogGroup(written: string): string | undefined {
  const [, , ofArn, alone] = BEFORE_NAME.exec(written) ?? [];
  return (ofArn ?? alone) || undefined;
}

/** Returns the Region that an envelope writes before the name of a log group. Undefined if it writes none. */
export function regionOfLogGroup(written: string): string | undefined {
  return BEFORE_NAME.exec(written)?.[1] || undefined;
}

/**
 * Matches the log groups of clusters. A cluster's name has no slash (EKS API Reference, "CreateCluster"). So the output
 * of pods in a namespace named `cluster` does not match. The collector of AWS's chart `aws-for-fluent-bit` writes that
 * to `/aws/eks/fluentbit-cloudwatch/workload/<namespace>`.
 */
const CLUSTER_LOG_GROUP = /^\/aws\/eks\/([^/]+)\/cluster$/;

/**
 * Returns the cluster whose control plane writes to the log group `/aws/eks/<cluster>/cluster`. Undefined for other log
 * groups.
 */
export function clusterOfLogGroup(name: string | undefined): string | undefined {
  return name === undefined ? undefined : CLUSTER_LOG_GROUP.exec(name)?.[1];
}

/** Matches log groups of applications and of other parts of a cluster. No trail is delivered there. */
const WITHOUT_TRAILS = /^\/aws\/(?:lambda|eks|containerinsights)\//;

/** Returns whether a trail may deliver to the log group of this name. */
export function mayHaveTrail(name: string): boolean {
  return !WITHOUT_TRAILS.test(name);
}

const AUDIT_STREAM = /^kube-apiserver-audit-/;
const OTHER_CONTROL_PLANE_STREAM =
  /^(?:authenticator|kube-apiserver|kube-scheduler|kube-controller-manager|cloud-controller-manager)-/;

/** Returns whether the stream has audit events (EKS User Guide, "Control plane logging"). */
export function isAuditStream(stream: string): boolean {
  return AUDIT_STREAM.test(stream);
}

/** Returns whether the stream is another one of the control plane. It is in the same log group. */
export function isOtherControlPlaneStream(stream: string): boolean {
  return !AUDIT_STREAM.test(stream) && OTHER_CONTROL_PLANE_STREAM.test(stream);
}

const TRAIL_STREAM = /^(?:o-[a-z0-9]{1,32}_)?\d{12}_CloudTrail_[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}(?:_\d+)?$/;

/**
 * Returns whether CloudTrail writes the stream (CloudTrail User Guide, "CloudWatch log group and log stream naming").
 */
export function isTrailStream(stream: string): boolean {
  return TRAIL_STREAM.test(stream);
}

const TRAIL_OBJECT =
  /^(?:s3:\/\/[^/]+\/|https:\/\/[^/]+\.amazonaws\.com(?:\.cn)?\/)?(?:[^:]*\/)?AWSLogs\/(?:o-[a-z0-9]+\/)?\d{12}\/CloudTrail\//;

/** Returns whether a collector names a file of a trail in S3, by its key or by its address. */
export function isTrailObject(name: string): boolean {
  return TRAIL_OBJECT.test(name);
}

const OTHER_STREAM_TEXT = /^(?:[IWEF]\d{4} \d\d:\d\d|time="[^"]*" level=)/;

/** Returns whether the text is a line of the control plane's other streams, in the form of klog or logrus. */
export function isOtherStreamText(text: string): boolean {
  return OTHER_STREAM_TEXT.test(text);
}
