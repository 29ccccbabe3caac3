import { expect, it } from 'vitest';
import { lastReason, reportedError } from '../../local/service/offline-process.ts';

/** The output of osls 4.3.1 and esbuild for an import that does not exist. */
const UNBUNDLED = `✘ [ERROR] Could not resolve "./nowhere.ts"

    functions/settle.ts:60:14:
      60 │ import x from './nowhere.ts'; x();
         ╵               ~~~~~~~~~~~~~~

Environment: linux, node 24.21.0, osls 4.3.1 (local)
Docs:        github.com/oss-serverless/osls

Error:
Error: Build failed with 1 error:
functions/settle.ts:60:14: ERROR: Could not resolve "./nowhere.ts"
    at failureErrorWithLog (/checkout/node_modules/esbuild/lib/main.js:1752:15)
    at runOnEndCallbacks (/checkout/node_modules/esbuild/lib/main.js:1592:45)
`;
const WHY = 'Build failed with 1 error: functions/settle.ts:60:14: ERROR: Could not resolve "./nowhere.ts"';

it('the message of osls about functions that cannot be bundled is known as soon as it is printed, in any chunks', () => {
  expect(reportedError(UNBUNDLED)).toBe(WHY);
  const parts = Array.from({ length: UNBUNDLED.length }, (_, end) => reportedError(UNBUNDLED.slice(0, end)));
  expect([...new Set(parts)]).toEqual([undefined, WHY]);
  expect(reportedError('Server ready: http://127.0.0.1:3000\n')).toBeUndefined();
});

it('the last message before the end is reported without its stack', () => {
  expect(lastReason(UNBUNDLED)).toBe(WHY);
  expect(lastReason('Error:\nlisten EADDRINUSE: address already in use\n    at Server (node:net)')).toBe(
    'listen EADDRINUSE: address already in use',
  );
  expect(lastReason('Error: Build failed with 1 error:')).toBe('Build failed with 1 error:');
  expect(lastReason('')).toBe('no reason was given');
});
