import type { Attribution } from '../../lib/attribution/attribution.ts';
import type { Silence } from '../../lib/attribution/silence.ts';
import { roleIdOf } from '../../lib/identity/arn.ts';
import type { JsonObject } from '../../lib/json.ts';
import { epochMillis } from '../../lib/time.ts';
import { answerOf, type Question } from '../builders/answer.ts';
import { auditEvent, roleUser } from '../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT, ROLE_ID, ROLE_NAME, utc } from '../builders/company.ts';
import {
  accountOnly,
  awsService,
  federatedUser,
  iamUser,
  roleSession,
  samlUser,
  webIdentityUser,
} from '../builders/trail-callers.ts';
import {
  callBy,
  federationGrant,
  type GrantOptions,
  grant,
  rootGrant,
  sessionTokenGrant,
  webIdentityToken,
} from '../builders/trail-records.ts';
import { codeBlocks } from './document.ts';

/** An example of docs/contract.md: its lines, each a label and a text. */
export interface ContractExample {
  readonly title: string;
  readonly lines: readonly (readonly [label: string, text: string])[];
}

/** Returns the examples of the contract's `text` blocks, in their order. */
export function contractExamples(document: string): readonly ContractExample[] {
  return codeBlocks(document, 'text')
    .flatMap((block) => block.trim().split('\n\n'))
    .map((text) => {
      const [title = '', ...lines] = text.split('\n');
      return { title, lines: lines.map((line) => [line.slice(0, 10).trim(), line.slice(10)] as const) };
    });
}

/** Returns the lines `Answer`, `Chain` and `Id` as eks-whois would answer the other lines of the example. */
export function answerLines({ lines }: ContractExample): readonly string[] {
  const textsOf = (label: string) => lines.flatMap(([each, text]) => (each === label ? text : []));
  const [event = ''] = textsOf('Event');
  const grants = textsOf('Grant').filter((text) => text !== 'none yet');
  const question: Question = {
    event: eventOf(event),
    records: [
      ...grants.map(grantOf),
      ...textsOf('Use').flatMap((text) => useOf(text)),
      ...textsOf('Named').map(namedOf),
    ],
    templates: textsOf('Template'),
    proxies: textsOf('Proxy'),
    stores: textsOf('Stores'),
    joined: textsOf('Joined'),
    issuing: textsOf('Issued').map(issuingEventOf),
    silences: textsOf('Silent').map(silenceOf),
    settled: !textsOf('Grant').includes('none yet'),
  };
  const answer = answerOf(question);
  const { id, idBasis, samePerson } = answer.actor ?? {};
  const shown = samePerson === undefined ? [] : [`shown under ${samePerson[0]}`];
  return [
    answerText(answer),
    ...(textsOf('Chain').length > 0 ? [chainText(answer)] : []),
    ...(textsOf('Id').length > 0 ? [[id, idBasis, ...shown].join(', ')] : []),
  ];
}

/** `09:00:00 to 11:00:00 111122223333 eu-west-1`. */
function silenceOf(text: string): Silence {
  const [, from = '', to = '', accountId = '', region = ''] = /^(\S+) to (\S+) (\d+) (\S+)$/.exec(text) ?? [];
  return { accountId, region, from: epochMillis(Date.parse(utc(from))), to: epochMillis(Date.parse(utc(to))) };
}

function answerText(answer: Attribution): string {
  const { status, reason, method, actor, flags, candidates } = answer;
  if (candidates !== undefined) {
    const names = candidates.map((one) => one.actor.name ?? one.actor.kind).sort();
    return [`${status}: ${names.join(' or ')}`, ...flags].join(', ');
  }
  const name = actor?.name ?? actor?.sessionName;
  const parts = [
    reason === undefined ? status : `${status} (${reason})`,
    method,
    actor && [actor.kind, name].filter((part) => part !== undefined).join(' '),
    actor?.nameToday && `today ${actor.nameToday}`,
    actor?.workload && `workload ${actor.workload}`,
    actor?.knownAs && `known as ${actor.knownAs}`,
    actor?.delegate && `delegate ${actor.delegate.accountId}`,
    ...flags,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function chainText({ chain = [] }: Attribution): string {
  return chain
    .map((link) => {
      const name = 'serviceAccount' in link ? link.serviceAccount : (link.roleArn?.split('/').at(-1) ?? link.eventName);
      return `${name} by ${link.joinedBy}`;
    })
    .join(', ');
}

/** Returns what the pattern finds in the text, the first group if it has one. */
function part(text: string, pattern: RegExp): string | undefined {
  const found = pattern.exec(text);
  return found === null ? undefined : (found[1] ?? found[0]);
}

/** Returns the key id that `K1` stands for. */
function keyOf(text: string): string | undefined {
  const number = part(text, /\bK(\d)\b/);
  return number === undefined ? undefined : `ASIAEXAMPLEKEY00000${number}`;
}

function roleIdOfName(name: string): string {
  if (name === ROLE_NAME) return ROLE_ID;
  return roleIdOf(`AROA${name.toUpperCase().replace(/[^A-Z]/g, '')}00000000000000000`.slice(0, 21));
}

const SSO = {
  eventName: 'AssumeRoleWithSAML',
  path: '/aws-reserved/sso.amazonaws.com/',
  request: { principalArn: `arn:aws:iam::${ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE` },
};

const WITH_MFA = ' with MFA';

/** `12:00-13:00 alice assumes project-admin as deploy, key K1`. */
function grantOf(text: string): JsonObject {
  const [, from = '12:00', second = '00', to = '13:00', rest = ''] =
    /^(?:(\d\d:\d\d)(?::(\d\d))?-(\d\d:\d\d) )?(.*)$/.exec(text) ?? [];
  const times = { at: utc(`${from}:${second}`), until: utc(`${to}:00`) };
  const shared = part(rest, /shared event (\S+)/);
  const fields = shared === undefined ? {} : { fields: { sharedEventID: shared } };
  const other = otherGrantOf(rest, from, { ...times, ...fields });
  if (other !== undefined) return other;
  const exchanged = part(rest, /^token (T\d) /);
  const [, who = '', lets, roleName = '', session = '', more = ''] =
    /^(.*?)( lets .*?)? assumes? (\S+) as ([^,]+)(.*)$/.exec(rest) ?? [];
  return grant({
    ...times,
    ...(lets === undefined ? { by: grantCallerOf(who, from) } : { by: samlUser(lets.slice(' lets '.length)), ...SSO }),
    ...(exchanged !== undefined && exchangeOf(exchanged, who)),
    ...webIdentityOf(who),
    roleName,
    roleId: roleIdOfName(roleName),
    session: session.replace(WITH_MFA, ''),
    ...(session.endsWith(WITH_MFA) && { request: { serialNumber: `arn:aws:iam::${ACCOUNT}:mfa/${who}` } }),
    key: keyOf(more) ?? null,
    ...fields,
    namesRoleUser: !more.includes('no assumedRoleUser'),
  });
}

/** Returns the grant if it issues no role session. */
function otherGrantOf(rest: string, from: string, times: GrantOptions): JsonObject | undefined {
  const target = part(rest, /calls AssumeRoot into (\d+)/);
  if (target !== undefined) return rootGrant(target, { ...times, key: keyOf(rest) ?? null });
  const federated = part(rest, /GetFederationToken for ([^,]+)/);
  if (federated !== undefined) return federationGrant(federated, { ...times, key: keyOf(rest) ?? null });
  const [, user, isWithoutId] = /^(\w+)(, stated without an id,)? calls GetSessionToken/.exec(rest) ?? [];
  if (user !== undefined) {
    const { principalId, ...named } = iamUser(user);
    const by = isWithoutId === undefined ? { ...named, principalId } : named;
    return sessionTokenGrant({ ...times, by, key: keyOf(rest) ?? null });
  }
  const issued = part(rest, /has token (T\d) issued/);
  return issued === undefined ? undefined : webIdentityToken(issued, { ...times, by: grantCallerOf(rest, from) });
}

/** Returns what AWS writes about a grant that exchanged a token of another partition: `token T1 of role jump`. */
function exchangeOf(token: string, who: string): GrantOptions {
  const sourcePrincipalArn = `arn:aws:iam::${ACCOUNT}:role/${part(who, /of role (\S+)/)}`;
  return {
    eventName: 'AssumeRoleWithWebIdentity',
    by: webIdentityUser(sourcePrincipalArn, 'source.tokens.sts.global.api.aws'),
    request: { webIdentityTokenId: token },
    fields: { additionalEventData: { crossPartitionData: { sourcePrincipalArn } } },
  };
}

/** Returns what AWS writes about a web identity whose subject the response states: `web identity runner of token.example.com without userName`. */
function webIdentityOf(who: string): GrantOptions {
  const [, subject, provider] = /^web identity (\S+) of (\S+) without userName$/.exec(who) ?? [];
  if (subject === undefined || provider === undefined) return {};
  const response = { subjectFromWebIdentityToken: subject };
  return { eventName: 'AssumeRoleWithWebIdentity', by: webIdentityUser(undefined, provider), response };
}

function grantCallerOf(who: string, calledAt: string): JsonObject {
  const [, session, roleName] = /^session (\S+) of (\S+)/.exec(who) ?? [];
  if (session !== undefined && roleName !== undefined) {
    const key = keyOf(who) ?? null;
    return roleSession({ roleId: roleIdOfName(roleName), roleName, session, key, began: utc(`${calledAt}:00`) });
  }
  const [, userIdText, directory, userName] = /^user (\S+) of directory (\S+), called ([^,]+),$/.exec(who) ?? [];
  if (directory !== undefined) {
    const identityStoreArn = `arn:aws:identitystore::${OTHER_ACCOUNT}:identitystore/${directory}`;
    return { type: 'IdentityCenterUser', userName, onBehalfOf: { userId: userIdText, identityStoreArn } };
  }
  const [, federated] = /^federated user (\S+) without an issuer$/.exec(who) ?? [];
  if (federated !== undefined) return federatedUser(federated);
  const [, principal, account] = /^(\S+) of account (\d+)$/.exec(who) ?? [];
  if (principal !== undefined && account !== undefined) return accountOnly(account, principal);
  return who.endsWith('.amazonaws.com') ? awsService(who) : iamUser(who);
}

/** `key K2 as session deploy, which began at 12:00:00`. */
function useOf(text: string): readonly JsonObject[] {
  const session = part(text, /as session ([^,]+)/) ?? '';
  const began = utc(part(text, /began at (\S+)/) ?? '12:00:00');
  const provider = part(text, /web identity provider (\S+)/);
  const own = roleSession({ roleId: ROLE_ID, roleName: ROLE_NAME, session, key: keyOf(text) ?? null, began });
  const lambda = part(text, /issued to function (\S+)/);
  const invokedBy = part(text, /invoked by (\S+\.amazonaws\.com)/);
  const accountId = part(text, /delegate of account (\d+)/);
  const [, userIdText, directory] = /of user (\S+) of directory ([^\s,]+)/.exec(text) ?? [];
  const onBehalfOf = {
    userId: userIdText,
    identityStoreArn: `arn:aws:identitystore::${OTHER_ACCOUNT}:identitystore/${directory}`,
  };
  const userName = part(text, /calls that user (\S+)/);
  const context = own.sessionContext as JsonObject;
  const signed = callBy({
    ...own,
    ...(provider !== undefined && {
      sessionContext: { ...context, webIdFederationData: { federatedProvider: provider } },
    }),
    ...(lambda !== undefined && {
      inScopeOf: { credentialsIssuedTo: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${lambda}` },
    }),
    ...(invokedBy !== undefined && { invokedBy }),
    ...(accountId !== undefined && { invokedByDelegate: { accountId } }),
    ...(directory !== undefined && { onBehalfOf }),
  });
  return userName === undefined ? [signed] : [signed, callBy({ type: 'IdentityCenterUser', userName, onBehalfOf })];
}

/** `11:00:00 user 906b of directory d-1234567890 is mallory`, `17:00:00 IAM user alice is alicia`. */
function namedOf(text: string): JsonObject {
  const eventTime = utc(part(text, /^\d\d:\d\d:\d\d/) ?? '12:00:00');
  const userName = part(text, / is (\S+)$/) ?? '';
  const [, oldName, newUserName] = /IAM renames (\S+) to (\S+)/.exec(text) ?? [];
  if (oldName !== undefined) {
    const call = { eventSource: 'iam.amazonaws.com', eventName: 'UpdateUser', eventTime };
    return callBy(iamUser('admin'), { ...call, requestParameters: { userName: oldName, newUserName } });
  }
  const iamName = part(text, /IAM user (\S+)/);
  if (iamName !== undefined) return callBy(iamUser(iamName, { userName }), { eventTime });
  const [, userIdText, directory] = /user (\S+) of directory (\S+)/.exec(text) ?? [];
  const identityStoreArn = `arn:aws:identitystore::${OTHER_ACCOUNT}:identitystore/${directory}`;
  const onBehalfOf = { userId: userIdText, identityStoreArn };
  return callBy({ type: 'IdentityCenterUser', userName, onBehalfOf }, { eventTime });
}

/** `12:10:00 role project-admin, session deploy, key K1`. */
function eventOf(text: string): JsonObject {
  const time = part(text, /^\d\d:\d\d:\d\d(?:\.\d+)?/) ?? '12:10:00';
  const impersonated = part(text, /impersonates ([^,]+)/);
  const first = part(text, /Pinniped's extra names ([^,]+)/);
  const isList = text.includes('list secrets');
  const path = part(text, /get (\/\S+)/);
  const userAgent = part(text, /, with (\S+)$/);
  return auditEvent({
    user: userOf(text),
    requestReceivedTimestamp: utc(time),
    ...(userAgent !== undefined && { userAgent }),
    ...(isList && {
      verb: 'list',
      requestURI: '/api/v1/secrets',
      objectRef: { resource: 'secrets', apiVersion: 'v1' },
    }),
    ...(path !== undefined && { verb: 'get', requestURI: path.replace(',', ''), objectRef: undefined }),
    ...(impersonated !== undefined && {
      impersonatedUser: {
        username: impersonated,
        ...(first !== undefined && { extra: { [PINNIPED]: [JSON.stringify({ username: first })] } }),
      },
    }),
  });
}

const PINNIPED = 'original-user-info.impersonation-proxy.concierge.pinniped.dev';

function userOf(text: string): JsonObject {
  const username = part(text, /(?:username|by) (system:[^,]+|[^,]+)/);
  const key = keyOf(text.replace(/username [^,]+/, '')) ?? null;
  const uid = part(text, /uid ([^,]+)/);
  if (uid !== undefined) {
    const arn = part(text, /\barn (arn:[^,]+)/);
    const extra = { ...(key !== null && { accessKeyId: [key] }), ...(arn !== undefined && { arn: [arn] }) };
    return { uid, username: 'someone', extra };
  }
  const roleName = part(text, /role ([^,]+)/);
  if (roleName !== undefined) {
    const named = username?.startsWith('system:') ? { username } : {};
    const session = part(text, /session ([^,]+)/) ?? null;
    return roleUser({ roleName, roleId: roleIdOfName(roleName), session, key, ...named });
  }
  if (text.includes('no extra')) {
    const name = username?.replace(/\bK(\d)$/, (short) => keyOf(short) ?? short);
    return { uid: `heptio-authenticator-aws:${ACCOUNT}:${ROLE_ID}`, username: name };
  }
  const token = part(text, /token (JTI=\S+)/);
  const extra = { 'authentication.kubernetes.io/credential-id': [token] };
  return { username, ...(token !== undefined && !text.includes(' of ') && { extra }) };
}

/** `12:05:00 token JTI=1 of shop:web, by role project-admin, session deploy, key K1`. */
function issuingEventOf(text: string): JsonObject {
  const [, namespace, name] = /of ([^:]+):([^,]+)/.exec(text) ?? [];
  return {
    ...eventOf(text),
    auditID: 'issuing',
    verb: 'create',
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace, name, apiVersion: 'v1' },
    responseStatus: { code: 201 },
    annotations: { 'authentication.kubernetes.io/issued-credential-id': part(text, /token (JTI=\S+)/) },
  } as JsonObject;
}
