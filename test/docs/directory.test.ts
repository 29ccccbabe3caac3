import { expect, it } from 'vitest';
import { MOST_REQUESTS } from '../../lib/ports/budget.ts';
import { MOST_PARTITIONS, MOST_PLACES } from '../../lib/usecases/query/search-plan.ts';
import { documentOf } from './document.ts';

it('the documents state the maximum numbers of the code', () => {
  const most = `${MOST_REQUESTS.toLocaleString('en-US')} requests`;
  expect(documentOf('docs/directory.md')).toContain(`One question takes ${most} at most`);
  expect(documentOf('docs/contract.md').replace(/\s+/g, ' ')).toContain(`takes ${most} to the tables at most`);
  const words = documentOf('docs/directory.md').replace(/\s+/g, ' ');
  expect(words).toContain(`more than ${MOST_PLACES} sessions`);
  expect(words).toContain(`more than ${MOST_PARTITIONS.toLocaleString('en-US')} partitions`);
});
