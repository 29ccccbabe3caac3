import { expect, it } from 'vitest';
import { freePort } from '../../local/service/port.ts';
import { runCommand } from '../builders/command.ts';

it('asked where no service runs on this machine, records and sessions say how to start one', async () => {
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
