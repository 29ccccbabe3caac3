import type { ActorKind } from '../attribution/stated-actor.ts';
import type { CallerKind } from '../audit/caller.ts';
import type { User } from './event.ts';

type UserType = Pick<User, 'type' | 'type_id'>;

const USER: UserType = { type: 'User', type_id: 1 };
const SYSTEM: UserType = { type: 'System', type_id: 3 };

const BY_KIND: Readonly<Partial<Record<ActorKind | CallerKind, UserType>>> = {
  'iam-user': USER,
  'identity-center-user': USER,
  'saml-user': USER,
  'proxied-user': USER,
  'kubernetes-user': USER,
  root: { type: 'Admin', type_id: 2 },
  'aws-service': SYSTEM,
  'eks-service': SYSTEM,
  'kubernetes-node': SYSTEM,
  'kubernetes-service-account': SYSTEM,
  'kubernetes-system': SYSTEM,
  malformed: { type: 'Unknown', type_id: 0 },
};

/** Returns the OCSF user type. If a kind may or may not be a person, it is `Other` with its own name. */
export function userType(kind: ActorKind | CallerKind): UserType {
  return BY_KIND[kind] ?? { type: kind, type_id: 99 };
}
