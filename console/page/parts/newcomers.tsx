import { assumedRoleRef, roleRef, userName } from '../../../lib/identity/arn.ts';
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

function calledBy(arn: string): string | undefined {
  const session = assumedRoleRef(arn);
  const role = roleRef(arn)?.roleName;
  if (session !== undefined) return `${session.sessionName} as ${session.roleName}`;
  return role === undefined ? userName(arn) : `the role ${role}`;
}
