import type { ActingCaller, ImpersonatedUser } from '../audit/caller.ts';
import { userName } from '../identity/arn.ts';
import { serviceAccountOf, serviceAccountText } from '../identity/service-account.ts';
import type { FoundActor } from './actor.ts';
import type { NamesAt } from './names-at.ts';
import { cutName } from './record.ts';

/** Returns the actor of a caller who acts under their own identity, without a session that a grant must explain. */
export function directActor(caller: ActingCaller, names: NamesAt): FoundActor | undefined {
  const { accountId, userId, arn, username, sessionName } = caller;
  switch (caller.kind) {
    case 'iam-user': {
      const stated = userName(arn);
      const name = stated ?? (userId ? names.of(userId) : undefined);
      const own = stated === undefined ? undefined : arn;
      return { actor: { kind: 'iam-user', name, accountId, principalId: userId, arn: own } };
    }
    case 'root':
      return { actor: { kind: 'root', name: 'root', accountId, principalId: accountId, arn } };
    case 'federated-user':
      return {
        actor: { kind: 'federated-user', accountId, arn, sessionName },
        partial: 'grant-not-found',
      };
    case 'kubernetes-user':
      return { actor: { kind: 'kubernetes-user', name: cutName(username) } };
    default:
      return undefined;
  }
}

/**
 * Returns the cluster's own identity if it acts for an impersonated user outside `system:`, as GitOps controllers and
 * proxies do for people (CONTRACT, rule 6, `partial`). An anonymous caller acts for nobody.
 */
export function actsForUser(caller: ActingCaller, impersonated: ImpersonatedUser | undefined): FoundActor | undefined {
  const { kind, username } = caller;
  const isService =
    kind === 'kubernetes-service-account' ||
    kind === 'kubernetes-node' ||
    kind === 'kubernetes-system' ||
    kind === 'eks-service';
  if (!isService || impersonated?.username === undefined || impersonated.username === '') return undefined;
  if (impersonated.username.startsWith('system:')) return undefined;
  const account = serviceAccountOf(username);
  const name = account === undefined ? username : serviceAccountText(account);
  return { actor: { kind, name: cutName(name) }, partial: 'acts-for-impersonated-user' };
}
