import type { AuditRecord } from '../../core/answers.ts';
import { type Asked, href } from '../../core/place.ts';
import { verbTable } from '../../core/sums.ts';
import { Rest } from '../../parts/rest.tsx';
import { Text } from '../../parts/text.tsx';

const MOST_ROWS = 20;
const SHADES = 4;

/** What was done to what, and how often. */
export function Verbs({ of, asked }: { readonly of: readonly AuditRecord[]; readonly asked: Asked }) {
  const { verbs, rows, most } = verbTable(of);
  if (rows.length === 0) return null;
  return (
    <section class="panel">
      <h2>What</h2>
      <div class="table-frame">
        <table class="verbs">
          <caption class="unseen">Requests by resource and verb</caption>
          <thead>
            <tr>
              <th scope="col">Resource</th>
              {verbs.map((verb) => (
                <th scope="col" class="number">
                  <Text of={verb} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map(({ resource, counts }) => (
              <tr>
                <th scope="row">
                  <a href={href('timeline', { ...asked, resource })}>
                    <Text of={resource} />
                  </a>
                </th>
                {counts.map((count, index) => (
                  <td class="number" data-shade={Math.ceil((count / most) * SHADES)}>
                    {count > 0 && <a href={href('timeline', { ...asked, resource, verb: verbs[index] })}>{count}</a>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Rest count={rows.length - MOST_ROWS} />
    </section>
  );
}
