import { describe, expect, it } from 'vitest';
import {
  guessSessionNames,
  parseUsernameTemplate,
  readDefaultUsername,
  readUsername,
  UsernameTemplateError,
} from '../../lib/identity/username.ts';

import { Reads } from '../builders/counted-reads.ts';

const ACCOUNT = '111122223333';

function read(template: string, username: string) {
  return readUsername(parseUsernameTemplate(template), username, ACCOUNT);
}

describe('a username template', () => {
  it.each([
    ['a name at the end', 'admin:{{SessionName}}', 'admin:alice', 'alice', false],
    ['a name at the start', '{{SessionName}}:admin', 'alice:admin', 'alice', false],
    ['a name alone', '{{SessionName}}', 'alice-example.com', 'alice-example.com', false],
    ['a name as it is', 'admin:{{SessionNameRaw}}', 'admin:alice@example.com', 'alice@example.com', true],
    ["the uid's account", '{{AccountID}}:{{SessionName}}', `${ACCOUNT}:alice`, 'alice', false],
    ['characters that mean something to a pattern', '(a+)*[{{SessionName}}].', '(a+)*[alice].', 'alice', false],
    ['the same name twice', '{{SessionName}}/{{SessionName}}', 'alice/alice', 'alice', false],
    ['a name of two characters', 'a:{{SessionName}}', 'a:bo', 'bo', false],
    ['a name of 64 characters', 'a:{{SessionName}}', `a:${'x'.repeat(64)}`, 'x'.repeat(64), false],
  ])('reads %s', (_, template, username, text, exact) => {
    expect(read(template, username)).toEqual([{ name: { text, exact } }]);
  });

  it.each([
    ['another beginning', 'admin:{{SessionName}}', 'ops:alice'],
    ['more behind it', '{{SessionName}}:admin', 'alice:admin2'],
    ['another account', '{{AccountID}}:{{SessionName}}', '444455556666:alice'],
    ['an @ where it became -', 'admin:{{SessionName}}', 'admin:alice@example.com'],
    ['a name of one character', 'a:{{SessionName}}', 'a:b'],
    ['a name of 65 characters', 'a:{{SessionName}}', `a:${'x'.repeat(65)}`],
    ['a character that no session name has', 'a:{{SessionName}}', 'a:alice/bob'],
    ['two names that should be one', '{{SessionName}}/{{SessionName}}', 'alice/bobby'],
    ['a key that looks like none', 'k:{{AccessKeyID}}', 'k:REDACTED'],
    ["a node's host name, which is no session", 'system:node:{{EC2PrivateDNSName}}', 'system:node:ip-10-0-0-1'],
  ])('does not match %s', (_, template, username) => {
    expect(read(template, username)).toEqual([]);
  });

  it('reads an access key', () => {
    expect(read('{{AccessKeyID}}:{{SessionName}}', 'ASIAALICESESSION0001:alice')).toContainEqual({
      name: { text: 'alice', exact: false },
      accessKeyId: 'ASIAALICESESSION0001',
    });
  });

  it.each([
    ['', /empty/],
    ['admin:{{User}}', /placeholder \{\{User\}\}/],
    ['{{SessionName', /has \{\{, which is not a complete placeholder/],
    ['SessionName}}', /has \}\}, /],
    ['{{ SessionName }}', /has \{\{ SessionName \}\}, .* without blanks/],
    ['{{SessionName}}:{{', /has \{\{, /],
    ['{{}}', /has \{\{\}\}, /],
    ['{{Session-Name}}', /has \{\{Session-Name\}\}, /],
  ])('cannot be %j', (template, words) => {
    expect(() => parseUsernameTemplate(template)).toThrow(UsernameTemplateError);
    expect(() => parseUsernameTemplate(template)).toThrow(words);
  });

  it('may hold single braces, as they are', () => {
    expect(read('{a}:{{SessionName}}', '{a}:alice')).toEqual([{ name: { text: 'alice', exact: false } }]);
  });

  it('reads nothing from a fixed username', () => {
    expect(read('admin', 'admin')).toEqual([{}]);
  });

  it('reads a name that contains what follows it', () => {
    expect(read('{{SessionName}}-{{AccessKeyID}}', 'a-b-ASIAALICESESSION0001')).toEqual([
      { name: { text: 'a-b', exact: false }, accessKeyId: 'ASIAALICESESSION0001' },
    ]);
  });

  it('uses the raw name if it has both', () => {
    const both = '{{SessionName}} {{SessionNameRaw}}';
    expect(read(both, 'alice-a.com alice@a.com')).toEqual([{ name: { text: 'alice@a.com', exact: true } }]);
    expect(read(both, 'alice-a.com bob@a.com')).toEqual([]);
  });

  it('with a placeholder that the authenticator does not know is refused, and the error lists those that it knows', () => {
    expect(() => parseUsernameTemplate('a:{{UserName}}')).toThrow(UsernameTemplateError);
    expect(() => parseUsernameTemplate('a:{{UserName}}')).toThrow(/\{\{UserName\}\}.*\{\{SessionName\}\}/);
  });

  it('is read in less than 100,000 steps, even from a hostile username', () => {
    const reads = new Reads();
    const template = reads.of(parseUsernameTemplate('{{SessionName}}{{SessionNameRaw}}{{AccessKeyID}}x'));
    readUsername(template, `${'ASIA'.repeat(250)}y`, ACCOUNT);
    expect(reads.count).toBeLessThan(100_000);
  });
});

describe("an access entry's default username", () => {
  it.each([
    ['the name', `arn:aws:sts::${ACCOUNT}:assumed-role/admin/alice-example.com`, 'alice-example.com'],
    ['the name in China', `arn:aws-cn:sts::${ACCOUNT}:assumed-role/admin/alice`, 'alice'],
  ])('shows %s', (_, username, text) => {
    expect(readDefaultUsername(username, ACCOUNT)).toEqual([{ name: { text, exact: false } }]);
  });

  it.each([
    ['another account', 'arn:aws:sts::444455556666:assumed-role/admin/alice'],
    ['an @', `arn:aws:sts::${ACCOUNT}:assumed-role/admin/alice@example.com`],
    ['a role without a session', `arn:aws:sts::${ACCOUNT}:assumed-role/admin`],
    ['a user', `arn:aws:iam::${ACCOUNT}:user/alice`],
  ])('shows none with %s', (_, username) => {
    expect(readDefaultUsername(username, ACCOUNT)).toEqual([]);
  });
});

describe('the session names that a username could show', () => {
  it.each([
    ['the whole username', 'alice', ['alice']],
    ['its start or its end', 'admin:alice', ['alice']],
    ['the name with @ as -', 'admin:alice@example.com', ['alice-example.com', 'example.com', 'com']],
    ['each part that is cut off at the end', 'a/b-cc', ['b-cc', 'cc']],
    ['each part that is cut off at the start', 'aa-bb/c', ['aa', 'aa-bb']],
  ])('are %s: %s', (_, username, names) => {
    expect(guessSessionNames(username).names).toEqual(expect.arrayContaining(names));
  });

  it('are never cut off within a word', () => {
    expect(guessSessionNames('xalice_1').names).toEqual(['xalice_1']);
    expect(guessSessionNames('admin:alice').names).not.toContain('lice');
  });

  it('are those in the middle too', () => {
    expect(guessSessionNames('team-a:ana.silva:dev').names).toEqual(
      expect.arrayContaining(['ana.silva', 'ana', 'team']),
    );
  });

  it('are few even for a username of a megabyte, and then count as too many to decide', () => {
    const { names, hasTooMany } = guessSessionNames('a-'.repeat(500_000));
    expect([names.length < 150, hasTooMany]).toEqual([true, true]);
  });

  it('are at most a thousand if somebody filled the username with punctuation', () => {
    const { names, hasTooMany } = guessSessionNames(Array.from({ length: 60 }, (_, at) => `${at}`).join('-'));
    expect([names.length, hasTooMany]).toEqual([1_000, true]);
  });
});

describe('a username template bound to a role', () => {
  it('names the role by account and name, and reads as the template alone', () => {
    const template = parseUsernameTemplate('arn:aws:iam::111122223333:role/teams/deploy=k-{{AccessKeyID}}');
    expect(template.role).toEqual({ partition: 'aws', accountId: '111122223333', roleName: 'deploy' });
    expect(readUsername(template, 'k-ASIAEXAMPLEEXAMPLE1', '111122223333')).toEqual([
      { accessKeyId: 'ASIAEXAMPLEEXAMPLE1' },
    ]);
  });

  it('keeps an = of the template', () => {
    const template = parseUsernameTemplate('arn:aws:iam::111122223333:role/deploy=team=a:{{SessionName}}');
    expect(readUsername(template, 'team=a:ana', '111122223333')).toEqual([{ name: { text: 'ana', exact: false } }]);
  });

  it('may bind a default username', () => {
    const text = 'arn:aws:iam::111122223333:role/deploy=arn:aws:sts::111122223333:assumed-role/deploy/{{SessionName}}';
    expect(parseUsernameTemplate(text).role?.roleName).toBe('deploy');
  });

  it.each(['arn:aws:iam::1111:role/deploy={{SessionName}}', 'arn:aws:iam::111122223333:role/deploy='])(
    'is refused where it is %s',
    (text) => {
      expect(() => parseUsernameTemplate(text)).toThrow(/template/);
    },
  );
});
