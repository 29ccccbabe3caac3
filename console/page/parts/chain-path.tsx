import type { ComponentChildren } from 'preact';
import type { Actor } from '../../../lib/attribution/actor.ts';
import {
  type ChainLink,
  evidenceIds,
  type GrantLink,
  type Method,
  type ShowingUse,
  type TokenLink,
  type UseLink,
} from '../../../lib/attribution/attribution.ts';
import type { RecordedCaller } from '../../../lib/attribution/record.ts';
import { assumedRoleRef, roleRef } from '../../../lib/identity/arn.ts';
import { byMethod } from '../../../lib/words/certainty.ts';
import { sessionOfCaller } from '../core/sessions.ts';
import { shownTime } from '../core/times.ts';
import { type Field, Fields } from './blocks.tsx';
import { Icon, type IconName } from './signs.tsx';
import { Copy, Name, Text } from './text.tsx';
import { ActorName, isPerson, kindTitle, tieWords } from './who-name.tsx';

/** An attribution, or a candidate of one, with its caller and cluster. */
interface PathProps {
  readonly actor: Actor;
  readonly chain?: readonly ChainLink[] | undefined;
  readonly use?: UseLink | undefined;
  readonly uses?: readonly ShowingUse[] | undefined;
  readonly method?: Method | undefined;
  readonly caller?: RecordedCaller | undefined;
  readonly cluster?: string | undefined;
}

/** The path from the actor through each role to the cluster, with the evidence of each hop. */
export function ChainPath({ actor, chain = [], use, uses, method, caller, cluster }: PathProps) {
  const ids = evidenceIds({ use, uses });
  return (
    <ol class="path">
      <Stop glyph={isPerson(actor.kind) ? 'actor' : 'program'} tie={chain.length === 0 ? directTie(method) : undefined}>
        <strong>
          <ActorName of={actor} />
        </strong>
        <p class="aside">
          {kindTitle(actor.kind)}
          {actor.accountId !== undefined && `, account ${actor.accountId}`}
        </p>
        {ids.length > 0 && <Fields class="fields small" of={[evidence(ids)]} />}
      </Stop>
      {chain.map((link) => (link.eventName === 'TokenRequest' ? <TokenStop of={link} /> : <GrantStop of={link} />))}
      <ClusterStop caller={caller} cluster={cluster} />
    </ol>
  );
}

interface BrokenPathProps extends Pick<PathProps, 'caller' | 'cluster'> {
  /** Whether the audit log has the caller. Otherwise, it comes from the search text, which anyone can write. */
  readonly isRecorded: boolean;
}

/** The part of the path that the caller shows, if the actor is unknown. */
export function BrokenPath({ caller, cluster, isRecorded }: BrokenPathProps) {
  const { roleId, sessionName, accessKeyId, accountId, arn } = caller ?? {};
  const session = caller && sessionOfCaller(caller);
  return (
    <ol class="path">
      <Stop glyph="unknown" tie={{ words: 'not matched to a grant', isSure: false }}>
        <strong>Unidentified caller</strong>
      </Stop>
      {(roleId ?? accessKeyId) !== undefined && (
        <Stop
          glyph={roleId === undefined ? 'session' : 'role'}
          tie={{ words: isRecorded ? 'from the audit log' : 'from your search', isSure: isRecorded }}
        >
          <strong>
            {roleId === undefined ? (
              'Access key'
            ) : (
              <Name kind="role" of={roleId} shown={assumedRoleRef(arn)?.roleName ?? roleId} />
            )}
          </strong>
          {accountId !== undefined && <p class="aside">account {accountId}</p>}
          <Fields
            class="fields small"
            of={[
              sessionField(roleId && session, sessionName),
              ['Access key', accessKeyId && <Copy of={accessKeyId} />],
            ]}
          />
        </Stop>
      )}
      <ClusterStop caller={caller} cluster={cluster} />
    </ol>
  );
}

function sessionField(session: string | undefined, name: string | undefined): Field {
  if (session === undefined) return ['Session', name && <Text of={name} />];
  return ['Session', <Name kind="session" of={session} shown={name ?? session} />];
}

function ClusterStop({ caller, cluster }: Pick<PathProps, 'caller' | 'cluster'>) {
  return (
    <Stop glyph="cluster">
      <strong>{cluster === undefined ? 'Cluster' : <Name kind="cluster" of={cluster} />}</strong>
      {caller?.username !== undefined && (
        <p class="aside">
          Username: <Text of={caller.username} />
        </p>
      )}
    </Stop>
  );
}

/** The connection of a stop of the path to the next one. */
interface Tie {
  readonly words: string;
  /** Whether it proves the connection. */
  readonly isSure: boolean;
}

function directTie(method: Method | undefined): Tie {
  if (method === 'proxy') return { words: 'named by a trusted proxy', isSure: false };
  if (method === 'use') return { words: `matched ${byMethod(method)}`, isSure: true };
  return { words: 'called the cluster directly', isSure: true };
}

interface StopProps {
  readonly glyph: IconName;
  readonly tie?: Tie | undefined;
  readonly children: ComponentChildren;
}

/** A stop of the path, and its connection to the next one. */
function Stop({ glyph, tie, children }: StopProps) {
  return (
    <li class={tie?.isSure === false ? 'stop unsure' : 'stop'}>
      <span class="stop-sign">
        <Icon of={glyph} />
      </span>
      <div class="stop-said">{children}</div>
      {tie !== undefined && <p class="tie">{tie.words}</p>}
    </li>
  );
}

function GrantStop({ of: link }: { readonly of: GrantLink }) {
  const { eventName, roleArn, roleId, sessionName, accessKeyId, issuedAt, expiresAt, region, eventIds, joinedBy } =
    link;
  const { sourceIp, userAgent } = link;
  const role = roleArn ?? roleId;
  const named = roleId && sessionName && `${roleId}:${sessionName}`;
  const session = joinedBy === 'access-key' ? accessKeyId : named;
  return (
    <Stop glyph={role === undefined ? 'session' : 'role'} tie={tieWords(joinedBy)}>
      <strong>
        {role === undefined ? (
          eventName === 'GetWebIdentityToken' ? (
            'Web identity token'
          ) : (
            'Temporary credentials'
          )
        ) : (
          <Name kind="role" of={role} shown={roleRef(roleArn)?.roleName ?? role} />
        )}
      </strong>
      <p class="aside">
        {eventName}, {shownTime(issuedAt)} to {shownTime(expiresAt, { withDate: false })}
        {region !== undefined && ` in ${region}`}
      </p>
      <Fields
        class="fields small"
        of={[
          sessionField(session, sessionName),
          ['Access key', accessKeyId && <Copy of={accessKeyId} />],
          ['Source IP', sourceIp && <Text of={sourceIp} />],
          ['User agent', userAgent && <Text of={userAgent} />],
          evidence(eventIds),
        ]}
      />
    </Stop>
  );
}

function TokenStop({ of: { serviceAccount, credentialId, issuedAt, eventIds } }: { readonly of: TokenLink }) {
  return (
    <Stop glyph="session" tie={tieWords('token')}>
      <strong>
        Token of service account <Text of={serviceAccount} />
      </strong>
      <p class="aside">TokenRequest, {shownTime(issuedAt)}</p>
      <Fields class="fields small" of={[['Token', <Copy of={credentialId} />], evidence(eventIds)]} />
    </Stop>
  );
}

function evidence(ids: readonly string[]): Field {
  const copies = ids.map((id) => <Copy of={id} />);
  return ['Evidence', <span class="ids">{copies}</span>];
}
