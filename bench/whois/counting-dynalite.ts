import '../../local/tables/closed-iterators.ts';
import dynalite from 'dynalite';
import { portOf } from '../../local/loopback/guard.ts';

/** A dynalite over a folder that counts its requests. */
export async function startCounting(
  path: string,
): Promise<AsyncDisposable & { readonly url: string; readonly requests: () => number }> {
  let requests = 0;
  const server = dynalite({ path, createTableMs: 0 });
  server.prependListener('request', () => {
    requests += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    requests: () => requests,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
