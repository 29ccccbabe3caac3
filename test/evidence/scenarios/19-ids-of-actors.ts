import { eventBy, iamUserOfCluster, roleUser } from '../../builders/audit-event.ts';
import { ACCOUNT, OTHER_ACCOUNT, utc } from '../../builders/company.ts';
import {
  accountOnly,
  federatedUser,
  iamUser,
  samlUser,
  userId,
  webIdentityUser,
} from '../../builders/trail-callers.ts';
import { callBy, grant } from '../../builders/trail-records.ts';
import { ALICES_KEY, MALLORYS_KEY, SSO_KEY, SSO_PROVIDER, signIn, ssoEvent } from '../cast.ts';
import type { ExpectedAnswer, Scenario, ToldEvent } from '../scenario.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const SAML = `arn:aws:iam::${ACCOUNT}:saml-provider/company`;
const adminOf = (accountId: string, name: string, fields = {}) =>
  iamUser(name, { userName: 'admin', arn: `arn:aws:iam::${accountId}:user/admin`, accountId, ...fields });

/** Returns an event of a session that was issued with this key. */
function eventOf(key: string, session: string, expected: Partial<ExpectedAnswer>): ToldEvent {
  const found = { status: 'attributed', method: 'access-key', ...expected };
  return { event: eventBy(roleUser({ session, key }), { auditID: `${key} ${session}` }), expected: found };
}

function ofUser(name: string | undefined, id: string, fields: Partial<ExpectedAnswer> = {}): Partial<ExpectedAnswer> {
  const basis = id.startsWith('iam-user-name/') ? 'name' : 'principal';
  return { actor: { kind: 'iam-user', ...(name !== undefined && { name }), id, idBasis: basis }, ...fields };
}

const ALICES_ID = `iam-user/${ACCOUNT}/${userId('alice')}`;

const FEDERATED_BOB: Partial<ExpectedAnswer> = {
  status: 'partial',
  reason: 'grant-not-found',
  actor: { kind: 'federated-user', sessionName: 'bob', id: `federated/${ACCOUNT}/bob`, idBasis: 'session' },
};
const ofPrincipal = (id: string): Partial<ExpectedAnswer> => ({
  status: 'partial',
  reason: 'caller-account-not-logged',
  actor: { kind: 'aws-account-principal', id, idBasis: 'session' },
});

/** 17: a name is not an identity. */
export const IDS_OF_ACTORS: readonly Scenario[] = [
  {
    title: 'users called admin of two accounts are two actors',
    records: [
      grant({ id: 'g1', by: adminOf(ACCOUNT, 'adminone'), session: 'one', key: ALICES_KEY }),
      grant({ id: 'g2', by: adminOf(OTHER_ACCOUNT, 'admintwo'), session: 'two', key: MALLORYS_KEY }),
    ],
    events: [
      eventOf(ALICES_KEY, 'one', ofUser('admin', `iam-user/${ACCOUNT}/${userId('adminone')}`)),
      eventOf(MALLORYS_KEY, 'two', ofUser('admin', `iam-user/${OTHER_ACCOUNT}/${userId('admintwo')}`)),
    ],
  },
  {
    title: 'a federated user is no IAM user if the record does not say who called GetFederationToken',
    records: [
      grant({ id: 'g1', by: federatedUser('bob'), session: 'one', key: ALICES_KEY }),
      grant({
        id: 'g2',
        by: federatedUser('bob', { type: 'IAMUser', accountId: ACCOUNT }),
        session: 'two',
        key: MALLORYS_KEY,
      }),
      grant({ id: 'g3', by: federatedUser('bob', iamUser('alice')), session: 'three', key: SSO_KEY }),
    ],
    events: [
      eventOf(ALICES_KEY, 'one', FEDERATED_BOB),
      eventOf(MALLORYS_KEY, 'two', FEDERATED_BOB),
      eventOf(SSO_KEY, 'three', ofUser('alice', ALICES_ID)),
    ],
  },
  {
    title: 'an IAM user without an ID and a name is a principal of the account, and root without an account is nobody',
    records: [
      grant({ id: 'g1', by: { type: 'IAMUser', accountId: ACCOUNT }, session: 'one', key: ALICES_KEY }),
      grant({ id: 'g2', by: { type: 'Root' }, session: 'two', key: MALLORYS_KEY }),
    ],
    events: [
      eventOf(ALICES_KEY, 'one', ofPrincipal(`unnamed/aws-account-principal/${ACCOUNT}`)),
      eventOf(MALLORYS_KEY, 'two', ofPrincipal('unnamed/aws-account-principal/-')),
    ],
  },
  {
    title: 'two possible users called admin leave the actor open',
    records: [
      grant({ id: 'g1', by: adminOf(ACCOUNT, 'adminone'), session: 'shared', key: null }),
      grant({ id: 'g2', by: adminOf(OTHER_ACCOUNT, 'admintwo'), session: 'shared', key: null }),
    ],
    events: [
      {
        event: eventBy(roleUser({ session: 'shared', key: null })),
        expected: { status: 'ambiguous', candidates: ['admin', 'admin'] },
      },
    ],
  },
  {
    title: 'one user is the same actor by the ARN and by the principal ID alone',
    records: [
      grant({ id: 'g1', by: iamUser('alice'), session: 'one', key: ALICES_KEY }),
      grant({ id: 'g2', by: accountOnly(ACCOUNT, userId('alice')), session: 'two', key: MALLORYS_KEY }),
    ],
    events: [
      eventOf(ALICES_KEY, 'one', ofUser('alice', ALICES_ID)),
      eventOf(MALLORYS_KEY, 'two', ofUser('alice', ALICES_ID)),
      {
        event: eventBy(iamUserOfCluster('AKIAALICE00000000001', userId('alice')), { auditID: 'direct' }),
        expected: { status: 'attributed', method: 'direct', ...ofUser('alice', ALICES_ID) },
      },
    ],
  },
  {
    title: 'a principal id without any known name has the id that it has with one',
    records: [grant({ id: 'g1', by: accountOnly(ACCOUNT, userId('alice')), key: ALICES_KEY })],
    events: [
      eventOf(ALICES_KEY, 'alice-session', {
        status: 'partial',
        reason: 'caller-account-not-logged',
        actor: { kind: 'aws-account-principal', id: ALICES_ID, idBasis: 'principal' },
      }),
    ],
  },
  {
    title: 'a name without a principal ID belongs to the one user who has it',
    records: [
      callBy(iamUser('alice'), { eventID: 'named', eventTime: utc('11:00:00') }),
      grant({ id: 'g1', by: iamUser('alice', { principalId: undefined }), key: ALICES_KEY }),
    ],
    events: [eventOf(ALICES_KEY, 'alice-session', ofUser('alice', ALICES_ID))],
  },
  {
    title: 'a name that two users have leads to an ID of the name alone',
    records: [
      callBy(iamUser('alice'), { eventID: 'first', eventTime: utc('10:00:00') }),
      callBy(iamUser('anew', { userName: 'alice' }), { eventID: 'again', eventTime: utc('11:00:00') }),
      grant({ id: 'g1', by: iamUser('alice', { principalId: undefined }), key: ALICES_KEY }),
    ],
    events: [eventOf(ALICES_KEY, 'alice-session', ofUser('alice', `iam-user-name/${ACCOUNT}/alice`))],
  },
  {
    title: 'a subject of one issuer is one actor in all accounts, also where only the response states it',
    records: [ACCOUNT, OTHER_ACCOUNT].map((account, at) =>
      grant({
        id: `g${at}`,
        eventName: 'AssumeRoleWithWebIdentity',
        by: webIdentityUser(
          at === 0 ? 'repo:company/shop' : undefined,
          `arn:aws:iam::${account}:oidc-provider/${ISSUER}`,
        ),
        response: { subjectFromWebIdentityToken: 'repo:company/shop' },
        session: 'deploy',
        key: null,
      }),
    ),
    events: [
      {
        event: eventBy(roleUser({ session: 'deploy', key: null })),
        expected: {
          status: 'attributed',
          method: 'session-name',
          flags: ['name-chosen-by-caller'],
          actor: { kind: 'web-identity-user', name: 'repo:company/shop', id: `oidc/${ISSUER}/repo:company%2Fshop` },
        },
      },
    ],
  },
  {
    title: 'a transient NameID is a session and no person',
    records: [
      grant({
        id: 'g1',
        eventName: 'AssumeRoleWithSAML',
        by: samlUser('_83a1f2'),
        session: 'ana',
        key: ALICES_KEY,
        request: { principalArn: SAML },
        response: { subject: '_83a1f2', subjectType: 'transient' },
      }),
    ],
    events: [
      eventOf(ALICES_KEY, 'ana', {
        actor: {
          kind: 'saml-user',
          name: '_83a1f2',
          sessionName: 'ana',
          id: `saml-session/arn:aws:iam::${ACCOUNT}:saml-provider%2Fcompany/ana`,
          idBasis: 'session',
        },
      }),
    ],
  },
  {
    title: 'a person of Identity Center without a userId goes by the name, with one by the userId',
    records: [
      signIn('alice@example.com'),
      signIn('carol@example.com', {
        by: {
          ...samlUser('carol@example.com', SSO_PROVIDER),
          onBehalfOf: { userId: '906b', identityStoreArn: `arn:aws:identitystore::${ACCOUNT}:identitystore/d-1` },
        },
        key: ALICES_KEY,
      }),
    ],
    events: [
      ssoEvent('alice@example.com', SSO_KEY, {
        status: 'attributed',
        method: 'access-key',
        actor: {
          kind: 'identity-center-user',
          name: 'alice@example.com',
          id: `idc-name/${SSO_PROVIDER.replace('/', '%2F')}/alice@example.com`,
          idBasis: 'name',
        },
      }),
      ssoEvent(
        'carol@example.com',
        ALICES_KEY,
        {
          status: 'attributed',
          method: 'access-key',
          actor: { kind: 'identity-center-user', name: 'carol@example.com', id: 'idc/d-1/906b', idBasis: 'principal' },
        },
        { auditID: 'carol' },
      ),
    ],
  },
];
