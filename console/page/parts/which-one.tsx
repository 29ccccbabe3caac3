import { homeText } from '../../../lib/attribution/actor-id.ts';
import { shownTime } from '../core/times.ts';
import { Name, Text } from './text.tsx';

/** One of several people whom a name means. */
interface NamedPerson {
  readonly id?: string | undefined;
  readonly name: string;
  readonly last?: string | undefined;
}

interface WhichOneProps {
  readonly name: string;
  readonly of: readonly NamedPerson[];
}

/** Asks which of several people is meant, each with the account, directory or cluster, and when they were last seen. */
export function WhichOne({ name, of }: WhichOneProps) {
  return (
    <section class="which-one" aria-label="Which one?">
      <h2>
        {of.length.toLocaleString()} people have the name <Text of={name} />. Which one?
      </h2>
      <ul>
        {of.map(({ id = '', name: latest, last }) => (
          <li>
            <Name kind="actor" of={id} shown={latest} /> <span class="aside">{homeText(id) ?? id}</span>
            {last !== undefined && <span class="aside">, last seen {shownTime(last)}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
