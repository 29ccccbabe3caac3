import { expect, it } from 'vitest';
import { freePort } from '../../local/service/port.ts';
import { runCommand } from '../builders/command.ts';

it('a port that HTTP clients refuse is named', async () => {
  const { errors } = await runCommand(['records', '--actor', 'alice', '--api', 'http://127.0.0.1:1']);
  expect(errors).toBe(
    'eks-whois: http://127.0.0.1:1 cannot be reached: HTTP clients refuse port 1, because another protocol uses it. Check --api, and give another port.\n',
  );
});

it('records and sessions say how to start a service on this machine if none answers', async () => {
  const port = await freePort();
  for (const question of [
    ['records', '--actor', 'alice'],
    ['records', '--follow', '--actor', 'alice'],
    ['sessions', '--status', 'unattributed'],
  ]) {
    for (const name of ['127.0.0.1', 'localhost']) {
      const { status, output, errors } = await runCommand([...question, '--api', `http://${name}:${port}`]);
      expect({ status, output }).toEqual({ status: 1, output: '' });
      expect(errors).toMatch(
        /^eks-whois: No service answers at http:\/\/\S+ \(.*ECONNREFUSED.*\)\. Start it with npm start -- --port \d+, or give another service with --api or --table\.\n$/m,
      );
    }
  }
});
