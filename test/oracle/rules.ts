import { FLAGS } from '../../lib/attribution/flags.ts';
import { actionOf, keptUri } from './action.ts';
import { roleOfIamArn, sessionOfStsArn } from './arns.ts';
import { type AuditEvent, eachOnce, readCopies } from './audit.ts';
import { type Caller, extraValue, readCaller } from './caller.ts';
import { verdictOn } from './copies.ts';
import { decide, oneOfAnswers } from './decide.ts';
import { withCountedCopies } from './grant-copies.ts';
import { isSameActor, withIds } from './ids.ts';
import { type JsonObject, object, present, text } from './json.ts';
import { usernameShows } from './match.ts';
import { byProxy, impersonatedOf, proxyOf } from './proxies.ts';
import { type KnownWorld, readKnown } from './records.ts';
import { inDirectories } from './stores.ts';
import { byToken, issuersOf, isUnusualClient, type TokenUse } from './tokens.ts';
import type { Attribution, OracleRecord, World } from './types.ts';

export type { OracleRecord, World } from './types.ts';

/**
 * Returns the records of a world by the rules of attribution, by brute force: each event is compared with each grant.
 * For files.
 */
export function oracle(world: World, notice: (word: string) => void = () => undefined): OracleRecord[] {
  const known = withCountedCopies(readKnown(world.cloudtrail, notice, world.silences));
  const all = readCopies(world.audit, notice).map((event) => ({
    event,
    caller: readCaller(event.user, world.usernameTemplates, known),
  }));
  const events = eachOnce(all.map(({ event }) => event));
  return all.flatMap((request) => {
    if (!events.includes(request.event)) return [];
    const verdict = verdictOn(request.event, events);
    if (verdict === 'left out') notice('a copy that another one states too');
    if (verdict === 'left out') return [];
    const answer = inDirectories(identified(request, all, known, world), world.identityStores, notice);
    return [recordOf(request, answer, verdict === 'conflicting')];
  });
}

function identified(request: TokenUse, all: readonly TokenUse[], known: KnownWorld, world: World): Attribution {
  return withIds(attribute(request, all, known, world), request.event.cluster);
}

/** Attributes by the token's issuers, else by the word of a trusted proxy, else by the caller's own session. */
function attribute(request: TokenUse, all: readonly TokenUse[], known: KnownWorld, world: World): Attribution {
  const without = attributeItself(request, known, world);
  const answers = issuersOf(request, all, known.notice).map((path) => {
    const issuer = path === 'cut' ? undefined : path[0];
    const issued = issuer && attributeItself(issuer, known, world);
    const isFlagged = issued?.flags.includes('unusual-node-client') === true;
    const ownWork = !isFlagged && (issued?.status === 'system' || issued?.reason === 'acts-for-impersonated-user');
    if (path === 'cut' || !issued || ownWork) return without;
    if (proxyOf(request.caller, world.trustedProxies) !== undefined) known.notice("a proxy's token of somebody else");
    return byToken(issued, path);
  });
  return oneAnswer(answers, known.notice);
}

/** Returns the first answer if all name one actor; else it is open which of them is right (rule 8.9). */
function oneAnswer(answers: readonly Attribution[], notice: (word: string) => void): Attribution {
  const first = answers[0] as Attribution;
  const { actor } = first;
  if (answers.length === 1) return first;
  const isOne = actor && answers.every((other) => other.actor && isSameActor(actor, other.actor));
  if (isOne) notice('several issuers of one token are one actor');
  if (isOne) return first;
  if (!answers.some((each) => each.actor || each.candidates?.length)) {
    notice('several issuers of one token, and none is named');
    return answers.find(({ status }) => status !== 'system') ?? first;
  }
  if (answers.some(({ status }) => status === 'system')) notice('an issuer of a token is a person, another one is not');
  notice('a token could be of several actors');
  return oneOfAnswers(answers);
}

function attributeItself({ event, caller }: TokenUse, known: KnownWorld, world: World): Attribution {
  const proxy = proxyOf(caller, world.trustedProxies);
  const proxied = proxy !== undefined && event.impersonated ? byProxy(proxy, event.impersonated) : undefined;
  const time = event.time === undefined ? {} : { time: event.time };
  const question = { caller, known: { ...known, ...time }, ...time };
  return proxied ?? ofNode(decide(question, text(event.impersonated?.username)), caller, event);
}

function recordOf({ event, caller }: TokenUse, decided: Attribution, isConflicting: boolean): OracleRecord {
  const letIn = caller.kind === 'anonymous' && anonymousGot(event) ? ['anonymous-access'] : [];
  const copies = isConflicting ? ['conflicting-copies'] : [];
  const flags = [...copies, ...decided.flags, ...letIn, ...(event.impersonated ? ['impersonation'] : [])];
  const attribution = { ...decided, flags: FLAGS.filter((flag) => flags.includes(flag)) };
  return present<OracleRecord>({
    auditId: event.auditId,
    uri: keptUri(event.raw),
    action: actionOf(event.raw),
    caller: callerOf(caller, event.user, attribution),
    impersonated: event.impersonated && impersonatedOf(event.impersonated, attribution),
    attribution,
  });
}

/** Returns the answer about a node's credentials that another client used (rule 6.17), if nobody is known who assumed the role. */
function ofNode(decided: Attribution, caller: Caller, { raw }: AuditEvent): Attribution {
  const { status, reason } = decided;
  if (!isUnusualClient(caller, raw)) return decided;
  if (status !== 'system' && reason !== 'acts-for-impersonated-user') return decided;
  const flags = [...decided.flags, 'unusual-node-client'];
  return status === 'system'
    ? { ...decided, status: 'unattributed', reason: 'node-credentials-used', flags }
    : { ...decided, flags };
}

/**
 * Returns whether an anonymous request got more than what everybody may see: health, version, discovery, the public keys of
 * tokens.
 */
function anonymousGot({ raw, impersonated }: AuditEvent): boolean {
  if (!isSuccess(raw)) return false;
  const asks = ['get', 'head', 'options'].includes(text(raw.verb) ?? '');
  if (!asks || impersonated !== undefined || text(object(raw.objectRef)?.resource)) return true;
  return !isForEverybody((text(raw.requestURI) ?? '').replace(/\?.*$/, '').replace(/^\/|\/$/g, ''));
}

function isSuccess({ responseStatus, annotations }: JsonObject): boolean {
  const code = object(responseStatus)?.code;
  if (typeof code === 'number') return code >= 100 && code < 400;
  return object(annotations)?.['authorization.k8s.io/decision'] === 'allow';
}

/** The number of parts that a path may have after its first one. */
const BEHIND: Readonly<Record<string, number>> = {
  healthz: 9,
  livez: 9,
  readyz: 9,
  openapi: 9,
  version: 0,
  api: 1,
  apis: 2,
};

function isForEverybody(path: string): boolean {
  const [first = '', ...rest] = path.split('/');
  if (['.well-known/openid-configuration', 'openid/v1/jwks'].includes(path)) return true;
  return rest.length <= (BEHIND[first] ?? -1);
}

/** Returns the ARN of the role, unless the ARN of the session names it already. */
function canonicalArnOf(user: JsonObject): string | undefined {
  const arn = extraValue(user, 'canonicalArn');
  return roleOfIamArn(arn) && !sessionOfStsArn(extraValue(user, 'arn')) ? arn : undefined;
}

function callerOf(caller: Caller, user: JsonObject, { method, chain }: Attribution): OracleRecord['caller'] {
  const own = chain?.at(-1);
  const granted = method !== undefined && own && 'sessionName' in own ? own.sessionName : undefined;
  const decidedName = granted !== undefined && usernameShows(caller, granted) ? granted : undefined;
  return present<OracleRecord['caller']>({
    kind: caller.kind,
    sessionName: caller.statedName ?? decidedName,
    sessionNameFrom: caller.statedName === undefined && decidedName !== undefined ? 'username' : undefined,
    accountId: caller.accountId,
    roleId: caller.roleId,
    accessKeyId: caller.accessKeyId,
    canonicalArn: canonicalArnOf(user),
    credentialId: caller.credentialId,
    pod: caller.pod,
  });
}
