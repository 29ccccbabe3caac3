import { isActorId } from '../../../../lib/attribution/actor-id.ts';
import { type KnownKind, namesOfKnown } from '../../../../lib/claims/known.ts';
import { assumedRoleRef, roleRef, userName } from '../../../../lib/identity/arn.ts';
import { clusterKeyOf, fieldsOfKey, isClusterKey, meansCluster } from '../../../../lib/identity/cluster.ts';
import type { KnownAnswer } from '../../core/answers.ts';
import { nameOfActor, titleOfActor } from '../../core/people.ts';
import type { EntityKind } from '../../parts/text.tsx';

/** The thing that a page is about. */
export interface Subject {
  readonly kind: EntityKind;
  /** Its name or ID, as the API's parameter takes it. */
  readonly of: string;
  /** The cluster of a namespace, by its ARN or name. */
  readonly cluster: string | undefined;
}

/** Returns the parameters that find its records, for the API and the timeline. */
export function recordsQuery({ kind, of, cluster }: Subject): Readonly<Record<string, string>> {
  return { [kind]: of, ...(kind === 'namespace' && cluster !== undefined && cluster !== '' && { cluster }) };
}

/** Returns its short name: for an ARN or a session, the name in it. */
export function titleOf({ kind, of }: Subject): string {
  if (kind === 'role') return (roleRef(of) ?? assumedRoleRef(of))?.roleName ?? of;
  if (kind === 'actor') return userName(of) ?? titleOfActor(of);
  if (kind === 'cluster') return isClusterKey(of) ? fieldsOfKey(of).cluster : of;
  if (kind === 'session') return of.slice(of.indexOf(':') + 1) || of;
  return of;
}

/** Returns how the directory finds it, or undefined for a session: the directory has none. */
export function directoryQuery(subject: Subject): { readonly kind: KnownKind; readonly prefix: string } | undefined {
  const { kind, of } = subject;
  if (kind === 'session') return undefined;
  if (kind === 'cluster') return { kind: 'namespace', prefix: '' };
  const name = kind === 'actor' ? (userName(of) ?? nameOfActor(of)) : titleOf(subject);
  return { kind, prefix: name === of && (/^A(?:ROA|IDA)/.test(of) || isActorId(of)) ? '' : name };
}

/** Returns the directory's entries that are about it. */
export function rowsOf(subject: Subject, known: KnownAnswer['known']): KnownAnswer['known'] {
  const { kind, of, cluster } = subject;
  if (kind === 'cluster') return known.filter((row) => meansCluster(of, clusterKeyOf(row)));
  const [title, account] = [titleOf(subject), of.startsWith('arn:') ? of.split(':')[4] : undefined];
  if (kind === 'actor') return known.filter((row) => namesOfKnown(row).includes(of));
  return known.filter(({ name, arn, id, ...row }) => {
    if (kind === 'namespace') return name === of && (cluster === undefined || meansCluster(cluster, clusterKeyOf(row)));
    if (arn === of || id === of) return true;
    return name === title && (account === undefined || arn === undefined || arn.split(':')[4] === account);
  });
}
