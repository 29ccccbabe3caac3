import type { AuditRequest } from '../audit/audit-event.ts';
import { builtInResource } from '../audit/resource-words.ts';

/** What a text with fields states about a finding in its sentences and in the words of its values. */
export interface FindingPhrases {
  /** The type of a finding of GuardDuty. */
  readonly finding?: string | undefined;
  readonly cluster?: string | undefined;
  readonly object?: AuditRequest | undefined;
}

/** Matches the type of a GuardDuty finding about Kubernetes. Source: GuardDuty User Guide, "Finding types" (FACTS, "Findings"). */
const FINDING_TYPE = /(?<![\w/:.])([A-Z][A-Za-z]{2,30}:Kubernetes\/[A-Z][\w.-]{1,80}(?:![A-Z]\w{1,80})?)(?![\w/])/g;
/** Matches the cluster in the sentences of GuardDuty: `on the EKS cluster prod.`. */
const CLUSTER =
  /\bEKS cluster (?!(?:an?|and|by|details|from|has|in|is|name|of|on|that|the|to|was|were|which|with)\b)([A-Za-z0-9][\w-]{0,99})/g;
/** Matches an object with its type and its namespace: `pod shop/web-0`. */
const OBJECT =
  /(?<![\w/])([A-Za-z]{2,60}) ([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\/([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?![\w/-])/g;
/** Matches the types of findings about a container that was launched. GuardDuty finds them in the request that creates the pod (FACTS, "Findings"). */
const OF_NEW_PODS =
  /^(?:PrivilegeEscalation|Persistence):Kubernetes\/(?:AnomalousBehavior\.WorkloadDeployed!)?(?:PrivilegedContainer|ContainerWithSensitiveMount)$/;

/**
 * Returns what the lines state in words. If they state two clusters or two objects, neither counts.
 * Trust: callers choose the names of objects, so an object only narrows which requests are searched for.
 */
export function phrasesIn(lines: readonly string[]): FindingPhrases {
  const text = lines.join('\n');
  const finding = only([...text.matchAll(FINDING_TYPE)].map(([, type = '']) => type));
  const object = only([...text.matchAll(OBJECT)].flatMap(objectOf));
  const isNewPod = object !== undefined && OF_NEW_PODS.test(finding ?? '') && object.startsWith('pods ');
  return {
    finding,
    cluster: only([...text.matchAll(CLUSTER)].map(([, name = '']) => name)),
    object: object === undefined ? undefined : { ...requestOf(object), ...(isNewPod && { verb: 'create' }) },
  };
}

function objectOf([, type = '', namespace = '', name = '']: RegExpExecArray): readonly string[] {
  const resource = builtInResource(type)?.split('.')[0];
  return resource === undefined ? [] : [`${resource} ${namespace}/${name}`];
}

function requestOf(object: string): AuditRequest {
  const [resource, namespace, name] = object.split(/[ /]/);
  return { ...(resource && { resource }), ...(namespace && { namespace }), ...(name && { name }) };
}

/** Returns the value if all values are the same. */
function only(values: readonly string[]): string | undefined {
  const [value, ...others] = new Set(values);
  return others.length === 0 ? value : undefined;
}
