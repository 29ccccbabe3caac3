import { actorOf } from './actor.ts';
import { isSameRole, nameOfUserArn, roleOfIamArn, sessionOfStsArn } from './arns.ts';
import type { Caller } from './caller.ts';
import { present } from './json.ts';
import type { Grant, KnownWorld } from './records.ts';
import { agrees } from './session.ts';
import type { Actor } from './types.ts';
import { idOfName } from './users.ts';

/** Returns the records in which AWS's own STS issued the token that a grant exchanged (rule 5, federation by token). */
export function issuesOf(grant: Grant, known: KnownWorld): Grant[] {
  const issues = known.grants.filter(
    ({ issuedToken }) => issuedToken !== undefined && issuedToken === grant.takenToken,
  );
  if (issues.length > 0 && !isVouchedFor(grant)) {
    known.notice("a token's id from another provider");
    return [];
  }
  const mine = issues.filter((issue) => isOfPrincipal(issue, grant.sourcePrincipal ?? subjectArn(grant)));
  if (mine.length < issues.length) known.notice("another principal's token");
  return mine;
}

function isVouchedFor({ sourcePrincipal, webIdProvider = '' }: Grant): boolean {
  const host = webIdProvider.replace(/^arn:.*:oidc-provider\//, '').replace(/\/$/, '');
  return sourcePrincipal !== undefined || /^[a-z0-9-]+\.tokens\.sts\.global\.api\.aws$/.test(host);
}

function isOfPrincipal({ caller }: Grant, principal: string | undefined): boolean {
  const own = caller.arn ?? caller.issuer?.arn;
  if (own === undefined || principal === undefined || own === principal) return true;
  const [mine, other] = [own, principal].map((arn) => ({
    role: sessionOfStsArn(arn) ?? roleOfIamArn(arn),
    name: sessionOfStsArn(arn)?.sessionName,
  }));
  if (!mine || !other) return false;
  return isSameRole(mine.role, other.role) && agrees(mine.name, other.name);
}

function subjectArn({ caller }: Grant): string | undefined {
  return principalArn(caller.userName ?? /:(arn:(?:(?!:arn:).)*)$/s.exec(caller.principalId ?? '')?.[1]);
}

function principalArn(subject: string | undefined): string | undefined {
  const principal = /^arn:[^:]*:(iam::\d{12}:(role|user)\/|sts::\d{12}:assumed-role\/)./s;
  return subject !== undefined && principal.test(subject) ? subject : undefined;
}

/** Returns the records that issued the token of a caller of the cluster, or why there are none (5.38 to 5.40). */
export function issuesShown(
  { username = '', credentialId = '' }: Caller,
  known: KnownWorld,
): { readonly mine: readonly Grant[]; readonly isDoubtful: boolean } {
  const id = /^JTI=(.+)$/s.exec(credentialId)?.[1];
  const issues = known.grants.filter(({ issuedToken }) => issuedToken !== undefined && issuedToken === id);
  const subject = /^https:\/\/[a-z0-9-]+\.tokens\.sts\.global\.api\.aws\/?#(.+)$/s.exec(username)?.[1];
  if (id === undefined || subject === undefined) {
    if (issues.length > 0) known.notice("a known token's id in another issuer's token");
    return { mine: [], isDoubtful: false };
  }
  const arn = principalArn(subject);
  const mine = issues.filter((issue) => isOfPrincipal(issue, arn));
  if (mine.length < issues.length) known.notice("another principal's token is shown");
  const isRole = arn !== undefined && nameOfUserArn(arn) === undefined;
  return { mine, isDoubtful: isRole || issues.length > 0 };
}

/** Returns the actor of an exchanged token whose requester is unknown: the one that AWS states, or the token's subject. */
export function takerOf(grant: Grant, known: KnownWorld): { actor: Actor; partial?: string } {
  const { sourcePrincipal: arn } = grant;
  if (arn === undefined) {
    const subject = subjectArn(grant);
    const isRole = subject !== undefined && nameOfUserArn(subject) === undefined;
    if (isRole) known.notice('a subject that is a role');
    return { actor: actorOf([grant], known), ...(isRole ? { partial: 'upstream-grant-not-found' } : {}) };
  }
  known.notice("AWS's word for who had a token issued");
  const accountId = arn.split(':')[4];
  const name = nameOfUserArn(arn);
  if (name !== undefined) {
    const principalId = idOfName(name, accountId, known);
    return { actor: present<Actor>({ kind: 'iam-user', name, accountId, principalId, arn }) };
  }
  const sessionName = sessionOfStsArn(arn)?.sessionName;
  const actor = present<Actor>({ kind: 'role-session', sessionName, accountId, arn });
  return { actor, partial: 'upstream-grant-not-found' };
}
