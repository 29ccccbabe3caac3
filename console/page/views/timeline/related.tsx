import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Actor } from '../../../../lib/attribution/actor.ts';
import { actorLabel, labelsApart } from '../../../../lib/attribution/actor-names.ts';
import type { AuditRecord } from '../../../../lib/attribution/record.ts';
import { changeText } from '../../../../lib/cloudtrail/cluster-change.ts';
import { changedBy } from '../../../../lib/usecases/changes/changes.ts';
import type {
  ClusterChangesAround,
  PodOfRequest,
  RelatedAnswer,
  RelatedToRequest,
} from '../../../../lib/usecases/related/related-answer.ts';
import { targetColumn, whoColumn } from '../../../../lib/words/columns.ts';
import { labelInWords } from '../../../../lib/words/kind-words.ts';
import { href } from '../../core/place.ts';
import { useQuery } from '../../core/query.ts';
import { shownTime } from '../../core/times.ts';
import { Problem } from '../../parts/blocks.tsx';
import { Text } from '../../parts/text.tsx';
import { openOf } from './reading.ts';

/** The other requests of the session, the pod, and who entered it. Loaded on request. */
export function RelatedRequests({ auditId }: { readonly auditId: string }) {
  const isRequested = useSignal(false);
  const { answer, problem, isBusy, again } = useQuery<RelatedAnswer>(
    '/related',
    isRequested.value ? [['auditId', auditId]] : undefined,
  );
  if (problem !== undefined) return <Problem of={problem} again={again} />;
  if (answer !== undefined)
    return (
      <>
        {answer.requests.map((each) => (
          <OfRequest of={each} />
        ))}
      </>
    );
  return (
    <button
      type="button"
      disabled={isBusy}
      onClick={() => {
        isRequested.value = true;
      }}
    >
      {isBusy ? 'Loading…' : 'Load related requests'}
    </button>
  );
}

function OfRequest({ of }: { readonly of: RelatedToRequest }) {
  const { session, serviceAccount, tokenUses, podUses, pod, clusterChanges, candidates, notKnown } = of;
  return (
    <div class="related">
      <Candidates of={candidates} />
      {session !== undefined && (
        <Requests title="Same session, before and after" of={session.requests} left={session.leftOut} />
      )}
      {pod !== undefined && <Pod of={pod} />}
      {serviceAccount !== undefined && (
        <Requests
          title="Tokens issued for the service account"
          of={serviceAccount.tokens.map(({ record }) => record)}
          left={serviceAccount.leftOut}
        />
      )}
      {tokenUses !== undefined && (
        <Requests title="Requests with the token" of={tokenUses.requests} left={tokenUses.leftOut} />
      )}
      {podUses !== undefined && (
        <Requests
          title="Requests of the created pods"
          of={podUses.requests.map(({ record }) => record)}
          left={podUses.leftOut}
        />
      )}
      {clusterChanges !== undefined && <Changes of={clusterChanges} />}
      {notKnown.map((each) => (
        <p class="busy">
          <Text of={each} />
        </p>
      ))}
    </div>
  );
}

/** The changes of the request's cluster. If none is known, a sentence says so. */
function Changes({ of: { changes, leftOut = 0, note = '' } }: { readonly of: ClusterChangesAround }) {
  if (changes.length === 0)
    return (
      <p class="busy">
        No change of the cluster through the EKS API is known in the hour before and the hour after. {note}
      </p>
    );
  return (
    <Group title="Changes of the cluster through the EKS API">
      {[
        ...changes.map((change) => (
          <li>
            {shownTime(change.time)} {change.eventName} <Text of={changeText(change)} />, by{' '}
            <Text of={changedBy(change)} />
          </li>
        )),
        ...(leftOut > 0 ? [<li class="busy">and {leftOut.toLocaleString()} more</li>] : []),
      ]}
    </Group>
  );
}

function Candidates({ of }: { readonly of: RelatedToRequest['candidates'] }) {
  return (
    <Group title="Who may be behind it (never proven)">
      {of.map(({ actor, oneOf = [], username = '', reasons }) => (
        <li>
          <b>
            <Text of={nameOf(actor, oneOf) || username} />
          </b>
          {reasons.map((reason) => (
            <p class="busy">
              <Text of={reason} />
            </p>
          ))}
        </li>
      ))}
    </Group>
  );
}

function nameOf(actor: Actor | undefined, oneOf: readonly Actor[]): string {
  return labelsApart(actor === undefined ? oneOf : [actor], actorLabel)
    .map(labelInWords)
    .join(' or ');
}

function Pod({ of: { origin, changes, entries, leftOut } }: { readonly of: PodOfRequest }) {
  return (
    <>
      <Group title="Origin of the pod">
        {origin.map(({ kind, name = '', reason, created }) => (
          <li>
            {kind} <Text of={name} /> {created !== undefined && <Request of={created} />}
            <p class="busy">
              <Text of={reason} />
            </p>
          </li>
        ))}
      </Group>
      <Requests title="Changes to the origin before the pod was created" of={changes} />
      <Requests title="Who entered the pod" of={entries.map(({ record }) => record)} left={leftOut} />
    </>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ComponentChildren[] }) {
  if (children.length === 0) return null;
  return (
    <section>
      <h4>{title}</h4>
      <ul>{children}</ul>
    </section>
  );
}

interface RequestsProps {
  readonly title: string;
  readonly of: readonly AuditRecord[];
  readonly left?: number | undefined;
}

function Requests({ title, of, left = 0 }: RequestsProps) {
  const rows = of.map((record) => (
    <li>
      <Request of={record} />
    </li>
  ));
  const more = <li class="busy">and {left.toLocaleString()} more</li>;
  return <Group title={title}>{left > 0 ? [...rows, more] : rows}</Group>;
}

function Request({ of }: { readonly of: AuditRecord }) {
  const label = [whoColumn(of), of.request?.verb, targetColumn(of)].filter(Boolean).join(' ');
  return (
    <a href={href('timeline', { open: openOf({ record: of }) })}>
      {shownTime(of.time, { withDate: false })} <Text of={label} />
    </a>
  );
}
