import { expect, it } from 'vitest';
import { MOST_REQUESTS } from '../../lib/ports/budget.ts';
import { MOST_PLACES } from '../../lib/usecases/query/way-in.ts';
import { documentOf } from './document.ts';

it('what a question takes at most is said as it is', () => {
  const most = `${MOST_REQUESTS.toLocaleString('en-US')} requests`;
  expect(documentOf('docs/directory.md')).toContain(`One question takes ${most} at most`);
  expect(documentOf('docs/contract.md')).toContain(`takes ${most} to the tables at most`);
  expect(documentOf('docs/directory.md')).toContain(`more than ${MOST_PLACES} sessions`);
});
