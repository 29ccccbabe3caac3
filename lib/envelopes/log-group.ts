const CLUSTER_LOG_GROUP = /^(?:\d+:)?\/aws\/eks\/(.+)\/cluster$/;

/** The cluster whose control plane writes to the log group (`/aws/eks/<cluster>/cluster`, or Insights' `@log`). */
export function clusterOfLogGroup(logGroup: string | undefined): string | undefined {
  return logGroup === undefined ? undefined : CLUSTER_LOG_GROUP.exec(logGroup)?.[1];
}

const AUDIT_STREAM = /^kube-apiserver-audit-/;
const OTHER_CONTROL_PLANE_STREAM =
  /^(?:authenticator|kube-apiserver|kube-scheduler|kube-controller-manager|cloud-controller-manager)-/;

/** Whether the stream holds audit events (EKS User Guide, "Control plane logging"). */
export function isAuditStream(stream: string | undefined): boolean {
  return stream !== undefined && AUDIT_STREAM.test(stream);
}

/** Whether the stream is one of the control plane's other ones, which share the log group. */
export function isOtherControlPlaneStream(stream: string | undefined): boolean {
  return stream !== undefined && !AUDIT_STREAM.test(stream) && OTHER_CONTROL_PLANE_STREAM.test(stream);
}

const OTHER_STREAM_TEXT = /^(?:[IWEF]\d{4} \d\d:\d\d|time="[^"]*" level=)/;

/** Whether the text is a line that the control plane's other streams write: klog's or logrus'. */
export function isOtherStreamText(text: string): boolean {
  return OTHER_STREAM_TEXT.test(text);
}
