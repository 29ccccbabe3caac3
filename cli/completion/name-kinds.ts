import type { KnownKind } from '../../lib/claims/known.ts';

/**
 * The kinds of names that a script gets from the program. Actors, roles, clusters and namespaces come from the
 * service's directory. `anybody` means actors and roles. `pasted` means the same without names that `eks-whois` alone
 * would read as a misspelled command. Services come from `eks-whois configure`, profiles from the files of the AWS
 * CLI.
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
