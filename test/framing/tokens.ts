import type { JsonObject } from '../../lib/json.ts';
import { ADMIN, MALLORY, NOBODY, type Person } from './company.ts';
import { act, event, note } from './deeds.ts';
import { someTime, userOf } from './honest.ts';
import { type KnownFacts, type Stage, timeOf } from './stage.ts';

const CREDENTIAL = 'authentication.kubernetes.io/credential-id';
const ISSUED = 'authentication.kubernetes.io/issued-credential-id';

function account(name: string, token: string): JsonObject {
  return { username: `system:serviceaccount:shop:${name}`, uid: `uid-${name}`, extra: { [CREDENTIAL]: [token] } };
}

function issued(name: string, token: string): JsonObject {
  return {
    verb: 'create',
    requestURI: `/api/v1/namespaces/shop/serviceaccounts/${name}/token`,
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'shop', name, apiVersion: 'v1' },
    annotations: { [ISSUED]: token },
  };
}

/** A person requests a token of a service account, and uses it. */
export function worksByToken(stage: Stage, person: Person): void {
  const at = someTime(stage);
  const token = `JTI=${stage.next('token-')}`;
  const session = stage.assume(userOf(person), { role: ADMIN, name: 'with-token', at, known: stage.badly() });
  const { provable } = session;
  act(stage, session, { move: 'makes a token', at: at + 60, fields: issued('deployer', token) });
  const used = event(stage, account('deployer', token), at + 120);
  note(stage, used, { move: 'works by a token', truth: person.truth, provable, restsOnEvents: true });
}

/** Uses the ID of the victim's token in another event: of another service account, or written by the client. */
export function borrowsAToken(stage: Stage, victim: Person): void {
  const at = someTime(stage);
  const token = `JTI=${stage.next('token-')}`;
  const session = stage.assume(userOf(victim), { role: ADMIN, name: 'with-token', at, known: 'at first' });
  act(stage, session, { move: 'makes a token', at: at + 60, fields: issued('deployer', token) });
  const impersonatedUser = { username: victim.name, extra: { [CREDENTIAL]: [token] } };
  const own = `JTI=${stage.next('token-')}`;
  const audited = stage.draw.pick([
    event(stage, account('web', token), at + 120),
    event(stage, account('deployer', own), at + 120, { impersonatedUser }),
    event(stage, account('deployer', token), at - 120),
  ]);
  note(stage, audited, { move: 'borrows a token', truth: NOBODY, provable: false, restsOnEvents: true });
}

const AWS_ISSUER = 'https://2a1b2c3d-0000-4000-8000-000000000001.tokens.sts.global.api.aws';

/** A person has a web identity token of AWS's own issued. Returns its ID and its subject. */
function webToken(stage: Stage, person: Person, at: number, known: KnownFacts): { id: string; subject: string } {
  const id = stage.next('web-token-');
  const { identity } = userOf(person);
  const record = {
    eventSource: 'sts.amazonaws.com',
    eventName: 'GetWebIdentityToken',
    eventTime: timeOf(at),
    userIdentity: identity,
    responseElements: { webIdentityTokenId: id, expiration: timeOf(at + 300) },
  };
  stage.record(record, known);
  return { id, subject: String(identity.arn) };
}

const presenting = (username: string, id: string): JsonObject => ({ username, extra: { [CREDENTIAL]: [`JTI=${id}`] } });

/** A person presents a token of AWS's own to the cluster. */
export function presentsAToken(stage: Stage, person: Person): void {
  const at = someTime(stage);
  const known = stage.badly();
  const { id, subject } = webToken(stage, person, at, known);
  const username = `${AWS_ISSUER}#${subject}`;
  const truth = { ...person.truth, names: [...person.truth.names, username] };
  const audited = event(stage, presenting(username, id), at + 60);
  note(stage, audited, { move: 'presents a token', truth, provable: known !== 'never' });
}

/** Has an issuer of one's own write the ID of the victim's token, and perhaps configures the cluster so that it looks like AWS's. */
export function choosesATokenId(stage: Stage, victim: Person): void {
  const at = someTime(stage);
  const { id, subject } = webToken(stage, victim, at, 'at first');
  const own = 'https://idp.example.com';
  const host = AWS_ISSUER.replace('https://', '');
  const username = stage.draw.pick([
    `${own}#mallory`,
    `${own}#${subject}`,
    `${own}/${host}#${subject}`,
    subject,
    victim.name,
  ]);
  const truth = { ...MALLORY.truth, names: [...MALLORY.truth.names, username] };
  const forged = stage.draw.chance(0.3) ? `${AWS_ISSUER}#${subject}` : username;
  const audited = event(stage, presenting(forged, id), at + 60);
  note(stage, audited, { move: 'chooses a token id', truth, provable: false });
}

const TRUSTED = 'system:serviceaccount:teleport:teleport-agent';
export const PROXIES = [TRUSTED, 'oidc-proxy'];

/** A person works through a configured proxy. Its word for the person is the truth. */
export function worksByProxy(stage: Stage, person: Person): void {
  const { draw } = stage;
  const first = draw.chance(0.4) ? { extra: { 'originaluser.jetstack.io-user': [person.name] } } : {};
  const shown = 'extra' in first ? 'ops' : person.name;
  const fields = { impersonatedUser: { username: shown, ...first } };
  const audited = event(stage, { username: draw.pick(PROXIES) }, someTime(stage), fields);
  note(stage, audited, { move: 'works by a proxy', truth: person.truth, provable: true });
}

/** Uses a role whose sessions have a proxy's name. It has an AWS identity, so it is not trusted. */
export function playsAProxy(stage: Stage, victim: Person): void {
  const session = stage.assume(userOf(MALLORY), {
    role: ADMIN,
    name: 'm-2026-03',
    at: someTime(stage),
    known: stage.badly(),
  });
  const fields = { impersonatedUser: { username: victim.name } };
  act(stage, session, { move: 'plays a proxy', username: stage.draw.pick(PROXIES), fields });
}
