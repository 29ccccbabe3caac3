import type { JsonObject } from '../../lib/json.ts';
import { eventBy, roleUser } from '../builders/audit-event.ts';
import { ARN, AROUND, BOB_ALONE, BOBS, SESSION, timeOf } from './pasted-texts.ts';
import type { PastedWorld } from './pasted-world.ts';

/** An exec, so many milliseconds after 12:10:00. */
export interface Exec {
  readonly key: string;
  readonly after: number;
  readonly pod: string;
  readonly namespace: string;
  readonly command: string;
  /** When its connection ended, in the same way. `unknown` if the log has only its beginning. By default at once. */
  readonly until?: number | 'unknown';
  readonly code?: number;
}

export const EXEC: Exec = { key: BOBS, after: 0, pod: 'web-0', namespace: 'shop', command: 'sh' };

function eventOf({ key, after, pod, namespace, command, until = after, code = 101 }: Exec, at: number): JsonObject {
  const query = command.split(' ').map((word) => `command=${encodeURIComponent(word)}`);
  return eventBy(roleUser({ session: SESSION, key, username: ARN }), {
    auditID: `exec-${at}`,
    verb: 'create',
    requestURI: `/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query.join('&')}&container=app`,
    objectRef: { resource: 'pods', subresource: 'exec', namespace, name: pod, apiVersion: 'v1' },
    responseStatus: { metadata: {}, code },
    sourceIPs: ['198.51.100.7'],
    requestReceivedTimestamp: timeOf(after),
    ...(until === 'unknown' ? { stage: 'ResponseStarted' } : { stageTimestamp: timeOf(until) }),
  });
}

/** The log has these, and begins an hour before them and ends an hour after. */
export function worldOf(execs: readonly Exec[], grants = BOB_ALONE): PastedWorld {
  return { grants, events: [...AROUND, ...execs.map(eventOf)] };
}

type StartedProcess = Omit<Exec, 'key'> & { readonly parent?: string; readonly path?: string };

/** Alerts of tools about a process. The user in them is the container's. */
export const PROCESS_ALERTS: Readonly<Record<'falco' | 'line' | 'guardduty', (process: StartedProcess) => string>> = {
  falco: ({ after, pod, namespace, command, parent }) =>
    JSON.stringify({
      rule: 'Terminal shell in container',
      source: 'syscall',
      time: timeOf(after),
      output_fields: {
        'container.id': '3f1c9a2b7d40',
        'k8s.ns.name': namespace,
        'k8s.pod.name': pod,
        'proc.cmdline': command,
        'proc.pname': parent,
        'user.name': 'bob',
      },
    }),
  line: ({ after, pod, namespace, command, parent = 'runc' }) =>
    `${timeOf(after)}: Notice A shell was spawned (evt_type=execve user=bob process=sh parent=${parent} command=${command} ` +
    `terminal=34816 container_id=3f1c9a2b7d40 k8s_pod_name=${pod} k8s_ns_name=${namespace})`,
  guardduty: ({ after, pod, namespace, command, path, parent }) =>
    JSON.stringify({
      schemaVersion: '2.0',
      type: 'Execution:Runtime/SuspiciousShellCreated',
      resource: { kubernetesDetails: { kubernetesWorkloadDetails: { name: pod, type: 'pods', namespace } } },
      service: {
        serviceName: 'guardduty',
        runtimeDetails: {
          process: {
            name: path === undefined ? undefined : command.split(' ')[0],
            executablePath: path ?? `/bin/${command.split(' ')[0]}`,
            startTime: timeOf(after),
            user: 'bob',
            lineage: parent === undefined ? undefined : [{ name: parent }],
          },
        },
      },
    }),
};
