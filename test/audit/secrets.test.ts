import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordHead } from '../../lib/attribution/record.ts';
import { parseAuditEvent } from '../../lib/audit/event.ts';
import { maskedWords } from '../../lib/audit/secrets.ts';
import { auditEvent } from '../builders/audit-event.ts';
import { cases } from '../builders/chance.ts';

const masked = (...words: string[]) => maskedWords(words).join(' | ');

test.each([
  [['env', 'PGPASSWORD=hunter2', 'psql', '-h', 'db'], 'env | PGPASSWORD=*** | psql | -h | db'],
  [['mysqldump', '--password', 'x y', 'orders'], 'mysqldump | --password | *** | orders'],
  [['mysqldump', '--password=x y', 'orders'], 'mysqldump | --password=*** | orders'],
  [['mysql', '-u', 'root', '-phunter2', '-h', 'db'], 'mysql | -u | root | -p*** | -h | db'],
  [['sshpass', '-p', 'hunter2', 'ssh', 'db'], 'sshpass | -p | *** | ssh | db'],
  [['redis-cli', '-a', 'hunter2', 'keys', '*'], 'redis-cli | -a | *** | keys | *'],
  [['curl', '-u', 'root:hunter2', 'https://db'], 'curl | -u | *** | https://db'],
  [['curl', '-H', 'Authorization: Bearer abc.def'], 'curl | -H | Authorization: ***'],
  [['curl', '-H', 'Cookie: a=b'], 'curl | -H | Cookie: ***'],
  [['scan', '--cookies', 'a=b'], 'scan | --cookies | ***'],
  [['curl', '-H', 'X-Vault-Token: s.abc'], 'curl | -H | X-Vault-Token: ***'],
  [['curl', 'https://root:hunter2@db/x?token=abc&n=1'], 'curl | https://root:***@db/x?token=***&n=1'],
  [['curl', '-d', '{"user": "a", "password": "x y"}'], 'curl | -d | {"user": "a", "password": "***"}'],
  [['sh', '-c', "PGPASSWORD='x y' psql -h db"], "sh | -c | 'PGPASSWORD=***' psql -h db"],
  [['sh', '-c', 'mysql --password hunter2 -h db && id'], 'sh | -c | mysql --password *** -h db && id'],
  [['psql', '-c', "ALTER USER a PASSWORD 'x y'"], "psql | -c | ALTER USER a PASSWORD '***'"],
  [['aws', 'configure', 'set', 'aws_secret_access_key', 'x'], 'aws | configure | set | aws_secret_access_key | ***'],
  [['export', 'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE'], 'export | AWS_ACCESS_KEY_ID=***'],
  [['echo', 'ASIAIOSFODNN7EXAMPLE'], 'echo | ***'],
  [['echo', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'], 'echo | ***'],
  [['echo', 'aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQ0NDQ='], 'echo | ***'],
])('masks the secret of %j', (words, expected) => {
  expect(masked(...words)).toBe(expected);
});

test.each([
  [['sh', '-c', 'cat /var/run/secrets/kubernetes.io/serviceaccount/token']],
  [['aws', 'secretsmanager', 'get-secret-value', '--secret-id', 'prod/db']],
  [['kubectl', 'get', 'secret', 'db', '-o', 'yaml']],
  [['ls', '--token-file', '/tmp/token']],
  [['git', 'commit', '--author', 'alice']],
  [['vault', 'login', '--token-ttl', '5m']],
  [['mysql', '-h', 'db', '-p', '-e', 'select 1']],
  [['cat', '/usr/lib/jvm/java-17-openjdk-amd64/conf/security/java.security']],
  [['rm', 'orders-api-6c9f7d8b5-x2x7z', '7a0e1c5e-0000-4000-8000-000000000001']],
  [['env', 'TOKEN=***']],
])('leaves %j as it is', (words) => {
  expect(maskedWords(words)).toEqual(words);
});

test('cuts a command of any length, and takes no time for it', () => {
  expect(masked('g'.repeat(1_000_000), 'b')).toHaveLength(8_192 - 1_024 + 1 + 4);
  expect(maskedWords(Array.from({ length: 100_000 }, () => 'token'))).toHaveLength(257);
  for (const part of ['token', 'token=', "'", '"\\', 'eyJ', '-----BEGIN PRIVATE KEY-----', ' --password ', '://a:'])
    expect(masked(part.repeat(200_000)).length).toBeLessThan(20_000);
});

/** A secret that shows itself by its form. */
const byForm = fc.oneof(
  fc.stringMatching(/^(?:AKIA|ASIA)[A-Z0-9]{16}$/),
  fc.stringMatching(/^eyJ[A-Za-z0-9_-]{20,60}\.[A-Za-z0-9_-]{20,60}\.[A-Za-z0-9_-]{20,60}$/),
  fc
    .stringMatching(/^[A-Za-z0-9+/]{40,120}={0,2}$/)
    .filter((text) => /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text)),
  fc.stringMatching(/^[0-9a-f]{32,64}$/),
  fc.stringMatching(/^ghp_[A-Za-z0-9]{36}$/),
);
/** A secret that only what stands before it shows. It has no sign that ends a word of a shell. */
const short = fc
  .stringMatching(/^[A-Za-z0-9!@#%^*_.~/-]{6,24}$/)
  .filter((text) => /[A-Za-z]{2}/.test(text) && !text.startsWith('-'));
const any = fc.oneof(
  byForm,
  short,
  fc.string({ minLength: 6, maxLength: 24, unit: 'grapheme' }).filter((text) => text.trim().length >= 6),
);
const name = fc.constantFrom('password', 'token', 'client-secret', 'api-key', 'access-token', 'passwd', 'private-key');
const variable = fc.constantFrom(
  'PGPASSWORD',
  'MYSQL_PWD',
  'DB_PASS',
  'AWS_SECRET_ACCESS_KEY',
  'GITHUB_TOKEN',
  'API_KEY',
  'REDISCLI_AUTH',
);
const filler = fc.array(fc.constantFrom('id', '-v', '/bin/ls', 'orders', '--all', 'a=b'), { maxLength: 3 });

/** A secret within the words of a command. */
const commands: fc.Arbitrary<{ readonly secret: string; readonly words: readonly string[] }> = fc
  .tuple(filler, filler)
  .chain(([before, after]) => {
    const words = (...own: string[]) => [...before, ...own, ...after];
    const inScript = (text: string) => words('sh', '-c', `cd /tmp && ${text}; id`);
    return fc.oneof(
      byForm.map((secret) => ({ secret, words: words('echo', secret) })),
      byForm.map((secret) => ({ secret, words: inScript(`echo ${secret} | base64 -d`) })),
      fc.tuple(name, any).map(([of, secret]) => ({ secret, words: words('run', `--${of}`, secret) })),
      fc.tuple(name, any).map(([of, secret]) => ({ secret, words: words('run', `--${of}=${secret}`) })),
      fc.tuple(variable, any).map(([of, secret]) => ({ secret, words: words('env', `${of}=${secret}`) })),
      fc.tuple(name, short).map(([of, secret]) => ({ secret, words: inScript(`run --${of} ${secret}`) })),
      fc.tuple(variable, short).map(([of, secret]) => ({ secret, words: inScript(`${of}=${secret} run`) })),
      fc.tuple(variable, short).map(([of, secret]) => ({ secret, words: inScript(`export ${of}='${secret}'`) })),
      fc.tuple(name, short).map(([of, secret]) => ({ secret, words: inScript(`curl -d '{"${of}":"${secret}"}' x`) })),
      short.map((secret) => ({ secret, words: inScript(`curl -H "Authorization: Bearer ${secret}" https://x`) })),
      short.map((secret) => ({ secret, words: words('curl', '-H', `X-Vault-Token: ${secret}`) })),
      short.map((secret) => ({ secret, words: words('mysql', `-p${secret}`) })),
      short
        .filter((text) => !/[@/]/.test(text))
        .map((secret) => ({ secret, words: words('psql', `postgres://a:${secret}@db/x`) })),
    );
  });

test('no secret of a command is in its record', () => {
  fc.assert(
    fc.property(commands, fc.boolean(), ({ secret, words }, isEscaped) => {
      const query = words.map(
        (word) =>
          `command=${isEscaped ? encodeURIComponent(word) : new URLSearchParams([['', word]]).toString().slice(1)}`,
      );
      const requestURI = `/api/v1/namespaces/shop/pods/web-0/exec?container=web&${query.join('&')}&stdin=true`;
      const event = parseAuditEvent(
        auditEvent({
          requestURI,
          objectRef: { resource: 'pods', subresource: 'exec', namespace: 'shop', name: 'web-0' },
        }),
      );
      if (typeof event === 'string') throw new Error(event);
      const { request, action } = recordHead(event, {});
      const kept = `${action?.command}\n${decodeURIComponent((request?.uri ?? '').replaceAll('+', ' '))}`;
      expect(kept).toContain('***');
      expect(kept).not.toContain(secret);
    }),
    { numRuns: cases(1_000) },
  );
});

test('masking twice is masking once', () => {
  fc.assert(
    fc.property(commands, ({ words }) => {
      const once = maskedWords(words);
      expect(maskedWords(once)).toEqual(once);
    }),
    { numRuns: cases(500) },
  );
});
