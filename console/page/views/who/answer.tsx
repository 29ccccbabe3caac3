import type { Attribution } from '../../../../lib/attribution/attribution.ts';
import { FLAG_ROWS, isWrong } from '../../../../lib/attribution/flags.ts';
import type { Status } from '../../../../lib/attribution/reasons.ts';
import { awsStaffOf } from '../../../../lib/identity/aws-staff.ts';
import { clusterText } from '../../../../lib/identity/cluster.ts';
import { type FirstUses, firstUsesText } from '../../../../lib/usecases/activity/first-uses.ts';
import { latestStages } from '../../../../lib/usecases/activity/requests.ts';
import { keyUsesText } from '../../../../lib/usecases/query/anything/key-uses.ts';
import { adviceOf, ambiguousAdvice, type QuestionBasis } from '../../../../lib/words/advice.ts';
import { certainty, isAboutSomebody } from '../../../../lib/words/certainty.ts';
import { whoColumn } from '../../../../lib/words/columns.ts';
import { usedFrom } from '../../../../lib/words/used-from.ts';
import type { AuditRecord } from '../../core/answers.ts';
import { href } from '../../core/place.ts';
import { type Field, Fields, PartLevel, PartTitle } from '../../parts/blocks.tsx';
import { BrokenPath, ChainPath } from '../../parts/chain-path.tsx';
import { RequestRows } from '../../parts/request-rows.tsx';
import { StatusBadge } from '../../parts/signs.tsx';
import { Copy, Text } from '../../parts/text.tsx';
import { ActorName, AnyOf, kindTitle } from '../../parts/who-name.tsx';
import { type CardOf, NextSteps, RequestFields } from './answer-side.tsx';

interface CardProps {
  readonly of: CardOf;
  /** The search text. */
  readonly q: string;
  /** The subject of the answer, above its title. */
  readonly about: string;
  /** The level of the heading. */
  readonly level?: 1 | 2;
}

/** An answer: the actor, the certainty and its reasons, the path to the cluster, the request, and next steps. */
export function AnswerCard({ of, q, about, level = 1 }: CardProps) {
  const { attribution, caller, request, records } = of;
  const requests = latestStages(records ?? []);
  const Title = `h${level}` as const;
  return (
    <article class="card who" style={{ '--tone': `var(--status-${attribution.status})` }}>
      <header class="who-head">
        <p class="about">
          <Text of={about} />
        </p>
        <Title>
          <Headline of={of} />
        </Title>
        <p class="who-status">
          <StatusBadge of={attribution.status} provisional={attribution.provisional} />
          {attribution.actor !== undefined && <span>{kindTitle(attribution.actor.kind)}</span>}
          {attribution.provisional && <span class="tag tag-doubt">may still change</span>}
        </p>
        {requests.length > 1 && <SharedId of={requests} />}
      </header>
      <PartLevel.Provider value={level === 1 ? 2 : 3}>
        <div class="who-body">
          <div class="who-main">
            <Certainty of={of} />
            {of.note !== undefined && of.inLog === undefined && (
              <p class="aside">
                <Text of={of.note} />
              </p>
            )}
            <Flags of={attribution} />
            <Paths of={of} />
            {of.inLog?.listed !== undefined && (
              <section>
                <PartTitle>
                  {of.inLog.result === 'one-caller' ? 'Requests in the audit log' : 'Similar requests in the audit log'}
                </PartTitle>
                <RequestRows of={of.inLog.listed} caption="Requests in the audit log" hasOrigin />
              </section>
            )}
          </div>
          <div class="who-side">
            {request !== undefined && <RequestFields of={request} isRecorded={of.recorded === true} inLog={of.inLog} />}
            <Details of={attribution} />
            <NextSteps of={of} q={q} />
          </div>
        </div>
      </PartLevel.Provider>
      {caller?.groups !== undefined && caller.groups.length > 0 && (
        <p class="groups aside">
          Groups: <Text of={caller.groups.join(', ')} />
        </p>
      )}
    </article>
  );
}

function Headline({ of }: { readonly of: CardOf }) {
  const { attribution } = of;
  switch (attribution.status) {
    case 'attributed':
    case 'partial':
      return <ActorName of={attribution.actor} />;
    case 'ambiguous':
      return <AnyOf of={attribution} />;
    case 'system':
      return <>{systemName(of)}</>;
    case 'pending':
      return <>Not identified yet</>;
    case 'unattributed':
      return <>Unidentified caller</>;
  }
}

/** Returns the subject of a system answer, which has no actor. */
function systemName(of: CardOf): string {
  const { username, kind = 'kubernetes-system' } = of.caller ?? {};
  if (kind === 'anonymous') return 'Unauthenticated caller';
  return awsStaffOf(username) ?? (basisOf(of).isOfEvent ? 'The cluster itself, or one of its nodes' : kindTitle(kind));
}

function basisOf({ caller, request, records, complete }: CardOf): QuestionBasis {
  return {
    isOfEvent: request?.auditId !== undefined || records !== undefined,
    isOfService: true,
    hasKey: caller?.accessKeyId !== undefined,
    hasTime: request?.time !== undefined,
    isComplete: complete,
  };
}

/** Returns whether the audit log has the request, so that its source IP and user agent are the recorded ones. */
function hasLogged({ recorded, inLog }: CardOf): boolean {
  return recorded === true || inLog?.result === 'one-caller';
}

/** The certainty of the answer, the reasons for it, and what to do to be more certain. */
export function Certainty({ of }: { readonly of: CardOf }) {
  const { attribution } = of;
  const basis = basisOf(of);
  const advice = attribution.reason === undefined ? undefined : adviceOf(attribution.reason, basis);
  const status = attribution.status;
  return (
    <Fields
      class="certain"
      of={[
        ['Audit log', of.inLog && of.note],
        ['Uses of the key', of.keyUses && <Text of={keyUsesText(of.keyUses).join('\n')} />],
        ['New', firstUsesShown(of.firstUses)],
        ['Origin', usedFrom(attribution, hasLogged(of) ? of.request : of.records?.[0]?.source)],
        ['Certainty', isAboutSomebody(attribution) ? certainty(attribution, basis) : undefined],
        [
          'Why',
          advice && (
            <>
              {advice.why} <code class="aside">{attribution.reason}</code>
            </>
          ),
        ],
        ['What to do', withOptions(advice?.next ?? TO_DO[status]?.(basis))],
        ['Why', status === 'system' ? systemWords(of, basis) : undefined],
      ]}
    />
  );
}

function firstUsesShown(uses: FirstUses | undefined) {
  const words = firstUsesText(uses);
  return words === undefined ? undefined : <Text of={words} />;
}

/** Returns what was checked, for an answer that names no actor: one request, or the records of a username. */
function systemWords({ complete, caller }: CardOf, { isOfEvent }: QuestionBasis): string {
  if (caller?.kind === 'anonymous')
    return 'Requests with this username were not authenticated. Anyone who can reach the API server may have sent them.';
  if (isOfEvent) return "The audit event does not name a person's IAM session.";
  if (complete === false)
    return 'Unknown: not all records were checked for someone else who acted under this username.';
  return 'No record shows anyone else acting under this username.';
}

/** Marks options of the command line, so that lines do not break after `--`. */
function withOptions(words: string | undefined) {
  return words?.split(/(--[a-z-]+)/).map((part, at) => (at % 2 === 1 ? <code class="option">{part}</code> : part));
}

/** Advice for statuses without a reason. */
const TO_DO: { readonly [S in Status]?: (basis: QuestionBasis) => string } = {
  ambiguous: ambiguousAdvice,
  pending: () => 'Try again in a few minutes. CloudTrail delivers events within about 15 minutes.',
};

/** The flags of an answer, with their meanings. */
export function Flags({ of: { flags } }: { readonly of: Attribution }) {
  if (flags.length === 0) return null;
  return (
    <ul class="flags">
      {flags.map((flag) => (
        <li>
          <span class={isWrong(flag) ? 'tag tag-wrong' : 'tag tag-doubt'}>{flag}</span> {FLAG_ROWS[flag].says}
        </li>
      ))}
    </ul>
  );
}

/** The path from the actor to the cluster, or the path of each possible actor. */
export function Paths({ of: { attribution, caller, request, recorded, inLog } }: { readonly of: CardOf }) {
  const end = { caller, cluster: (request && clusterText(request)) || undefined };
  if (attribution.status === 'ambiguous')
    return (
      <section class="candidates">
        <PartTitle>Possible actors, and the path of each to the cluster</PartTitle>
        <ol>
          {attribution.candidates.map((candidate) => (
            <li class="candidate">
              <ChainPath {...candidate} {...end} />
            </li>
          ))}
        </ol>
      </section>
    );
  if (attribution.status === 'system') return null;
  if (attribution.actor === undefined)
    return (
      <section>
        <PartTitle>Known part of the path to the cluster</PartTitle>
        <BrokenPath {...end} isRecorded={recorded === true || inLog?.result === 'one-caller'} />
      </section>
    );
  const { sourceIdentity } = attribution.actor;
  return (
    <section>
      <PartTitle>Path to the cluster</PartTitle>
      <ChainPath {...attribution} {...end} />
      {sourceIdentity !== undefined && (
        <p class="aside">
          Source identity: <Text of={sourceIdentity} />, set by whoever started the chain.
        </p>
      )}
    </section>
  );
}

/** A warning that several requests have the audit ID: clients choose it, and can reuse that of another request. */
function SharedId({ of }: { readonly of: readonly AuditRecord[] }) {
  const who = [...new Set(of.map((record) => whoColumn(record)))].join(' and ');
  return (
    <p class="tag tag-doubt">
      <span>
        <a href={href('timeline', { auditId: of[0]?.auditId })}>{of.length} requests</a> have this audit ID. They were
        made by <Text of={who} />. This answer is for the latest one only.
      </span>
    </p>
  );
}

/** The identifiers of the actor at AWS or at their provider. */
function Details({ of: { actor } }: { readonly of: Attribution }) {
  if (actor === undefined) return null;
  const { nameToday, samePerson, id, arn, principalId, provider, workload, uid } = actor;
  const fields = Object.entries({
    'Name today': nameToday,
    ARN: arn,
    'Principal ID': principalId,
    UID: uid,
    Provider: provider,
    Workload: workload,
  });
  const others = samePerson?.filter((each) => each !== id) ?? [];
  if (others.length === 0 && fields.every(([, value]) => value === undefined)) return null;
  return (
    <section>
      <PartTitle>Actor details</PartTitle>
      <Fields
        of={[
          ...fields.map(([name, value]): Field => [name, value && <Copy of={value} />]),
          ['Other IDs', others.length === 0 ? undefined : others.map((each) => <Copy of={each} />)],
        ]}
      />
    </section>
  );
}
