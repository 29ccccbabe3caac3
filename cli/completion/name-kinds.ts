import type { KnownKind } from '../../lib/claims/known.ts';

/**
 * The names that a script asks the program for. Of actors, roles, clusters and namespaces the service's directory knows them,
 * `anybody` is an actor or a role, and `pasted` one of them that `eks-whois` alone takes for what was pasted, not for a command
 * mistyped; services are those of `eks-whois configure`, profiles the AWS CLI's.
 */
export const NAME_KINDS = [
  'actors',
  'roles',
  'clusters',
  'namespaces',
  'anybody',
  'pasted',
  'services',
  'profiles',
] as const;
export type NameKind = (typeof NAME_KINDS)[number];

export const NAMES_OF = {
  actor: 'actors',
  role: 'roles',
  cluster: 'clusters',
  namespace: 'namespaces',
} as const satisfies Readonly<Record<KnownKind, NameKind>>;
