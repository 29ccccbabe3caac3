import type { ActingCaller, ImpersonatedUser } from '../audit/caller.ts';
import { userName } from '../identity/arn.ts';
import type { ClusterKey } from '../identity/cluster.ts';
import { serviceAccountOf, serviceAccountText } from '../identity/service-account.ts';
import { type FoundActor, identified } from './actor.ts';
import type { NamesAt } from './names-at.ts';
import { cutName } from './record.ts';

/**
 * Returns the actor for a caller who acts under their own identity, so that no grant has to explain a session.
 * Undefined if the caller is of another kind.
 */
export function directActor(caller: ActingCaller, cluster: ClusterKey, names: NamesAt): FoundActor | undefined {
  const { accountId, userId, arn, username, sessionName } = caller;
  switch (caller.kind) {
    case 'iam-user': {
      const stated = userName(arn);
      const name = stated ?? (userId ? names.of(userId, accountId) : undefined);
      const own = stated === undefined ? undefined : arn;
      return { actor: identified({ kind: 'iam-user', name, accountId, principalId: userId, arn: own }) };
    }
    case 'root':
      return { actor: identified({ kind: 'root', name: 'root', accountId, principalId: accountId, arn }) };
    case 'federated-user':
      return {
        actor: identified({ kind: 'federated-user', accountId, arn, sessionName }),
        partial: 'grant-not-found',
      };
    case 'kubernetes-user':
      return { actor: identified({ kind: 'kubernetes-user', name: cutName(username) }, cluster) };
    default:
      return undefined;
  }
}

/**
 * Returns a caller of the cluster itself as the actor, if it impersonated a user without the prefix `system:`. GitOps
 * controllers and proxies do this for people (CONTRACT, rule 6, `partial`). An anonymous caller acts for nobody.
 */
export function actsForUser(
  { kind, username, uid }: ActingCaller,
  impersonated: ImpersonatedUser | undefined,
  cluster: ClusterKey,
): FoundActor | undefined {
  const isService =
    kind === 'kubernetes-service-account' ||
    kind === 'kubernetes-node' ||
    kind === 'kubernetes-system' ||
    kind === 'eks-service';
  if (!isService || impersonated?.username === undefined || impersonated.username === '') return undefined;
  if (impersonated.username.startsWith('system:')) return undefined;
  const account = serviceAccountOf(username);
  const name = account === undefined ? username : serviceAccountText(account);
  const own = kind === 'kubernetes-service-account' ? { uid: cutName(uid) } : {};
  const actor = identified({ kind, name: cutName(name), ...own }, cluster);
  return { actor, partial: 'acts-for-impersonated-user' };
}
