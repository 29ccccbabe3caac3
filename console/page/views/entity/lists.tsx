import type { AuditRecord } from '../../core/answers.ts';
import { type Asked, href } from '../../core/place.ts';
import { sumsBy, whereOf, whoOf } from '../../core/sums.ts';
import { Name } from '../../parts/name.tsx';
import { Rest } from '../../parts/rest.tsx';
import { StatusBadge } from '../../parts/status.tsx';
import { Text } from '../../parts/text.tsx';

const MOST_LISTED = 12;

interface ListProps {
  readonly of: readonly AuditRecord[];
  readonly asked: Asked;
  readonly title?: string;
}

/** Who did it, the most frequent first. */
export function People({ of, asked, title = 'Who' }: ListProps) {
  const sums = sumsBy(of, whoOf);
  return (
    <section class="panel">
      <h2>{title}</h2>
      <ol class="bars">
        {sums.slice(0, MOST_LISTED).map(({ of: { actor, caller, session, status }, count }) => (
          <li>
            <span class="by">
              <StatusBadge of={status} />
              <span class="by-name">
                {actor !== undefined && <Name kind="actor" of={actor} />}
                {actor === undefined && status !== 'system' && '? '}
                {session !== undefined && <Name kind="session" of={session} shown={caller ?? session} />}
                {actor === undefined && session === undefined && <Text of={caller ?? ''} />}
              </span>
            </span>
            <Bar count={count} most={sums[0]?.count ?? count} to={toTimeline(actor, session, asked)} />
          </li>
        ))}
      </ol>
      <Rest count={sums.length - MOST_LISTED} />
    </section>
  );
}

function toTimeline(actor: string | undefined, session: string | undefined, asked: Asked): string | undefined {
  if (actor !== undefined) return href('timeline', { ...asked, actor });
  return session === undefined ? undefined : href('timeline', { ...asked, session });
}

/** Where it was. */
export function Places({ of, asked }: ListProps) {
  const sums = sumsBy(of, whereOf);
  return (
    <section class="panel">
      <h2>Where</h2>
      <ol class="bars">
        {sums.slice(0, MOST_LISTED).map(({ of: { cluster, namespace }, count }) => (
          <li>
            <span class="where">
              {namespace === '-' ? (
                <span class="aside">in no namespace</span>
              ) : (
                <Name kind="namespace" of={namespace} within={{ cluster }} />
              )}
              {cluster !== '' && (
                <span class="where-cluster">
                  <Name kind="cluster" of={cluster} />
                </span>
              )}
            </span>
            <Bar
              count={count}
              most={sums[0]?.count ?? count}
              to={href('timeline', { ...asked, namespace, cluster: cluster || null })}
            />
          </li>
        ))}
      </ol>
      <Rest count={sums.length - MOST_LISTED} />
    </section>
  );
}

/** A number, and how large it is beside the largest. */
function Bar({ count, most, to }: { readonly count: number; readonly most: number; readonly to: string | undefined }) {
  return (
    <span class="bar-of">
      <meter min={0} max={most} value={count} aria-hidden="true" />
      {to === undefined ? count : <a href={to}>{count.toLocaleString()}</a>}
    </span>
  );
}
