import { assumedRoleRef, federatedUserName, roleRef, userName } from '../../../lib/identity/arn.ts';
import type { KnownAnswer } from '../core/answers.ts';
import { shownTime } from '../core/times.ts';
import { Name } from './name.tsx';

/** Actors and since when they are known: by their names, of an ARN the name in it and its account. */
export function Newcomers({ of }: { readonly of: KnownAnswer['known'] }) {
  return (
    <ul class="overview-list">
      {of.map(({ name, arn, workload, first }) => {
        const whole = workload === undefined ? name : `${name} (${workload})`;
        return (
          <li>
            <span>
              <Name kind="actor" of={arn ?? whole} shown={calledBy(name) ?? whole} />{' '}
              {arn !== undefined && <span class="aside">of {arn.split(':')[4]}</span>}
            </span>
            <time dateTime={first}>{shownTime(first)}</time>
          </li>
        );
      })}
    </ul>
  );
}

/** As the timeline calls whoever has no other name. */
function calledBy(arn: string): string | undefined {
  const [session, federated] = [assumedRoleRef(arn)?.sessionName, federatedUserName(arn)];
  if (session !== undefined) return `session ${session}`;
  return federated === undefined ? (userName(arn) ?? roleRef(arn)?.roleName) : `federated user ${federated}`;
}
