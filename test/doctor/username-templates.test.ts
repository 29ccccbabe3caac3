import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { listValue, readParameters } from '../../infra/parameters.ts';
import { readYaml } from '../../lib/adapters/doctor/yaml.ts';
import { accessEntry } from '../../lib/doctor/access-entries.ts';
import { readAwsAuth } from '../../lib/doctor/aws-auth.ts';
import type { Mapping } from '../../lib/doctor/mapping.ts';
import { derivedTemplates, ROOM_FOR_TEMPLATES, templateNotes, usernameFindings } from '../../lib/doctor/usernames.ts';
import { parseUsernameTemplate, readUsername } from '../../lib/identity/username.ts';

const ROLE = 'arn:aws:iam::111122223333:role/';

/** Returns an aws-auth that maps these roles: [name or ARN, username]. */
function awsAuth(...roles: readonly (readonly [string, string])[]): readonly Mapping[] {
  const mapRoles = roles.map(([role, username]) => ({
    rolearn: role.startsWith('arn:') ? role : `${ROLE}${role}`,
    username,
  }));
  const read = readAwsAuth(JSON.stringify({ data: { mapRoles: JSON.stringify(mapRoles) } }), readYaml);
  return read.ok ? read.value.mappings : [];
}

function entries(...of: readonly object[]): readonly Mapping[] {
  return of.flatMap((entry) => accessEntry({ ...entry }) ?? []);
}

describe('username templates', () => {
  test('are bound to the role that has them', () => {
    expect(derivedTemplates(awsAuth(['dev', 'dev:{{SessionNameRaw}}'], ['ops', '{{AccessKeyID}}']))).toEqual([
      `${ROLE}dev=dev:{{SessionNameRaw}}`,
      `${ROLE}ops={{AccessKeyID}}`,
    ]);
  });

  test('are two for two roles with one template', () => {
    const both = awsAuth(['dev', '{{SessionName}}'], ['arn:aws:iam::444455556666:role/dev', '{{SessionName}}']);
    expect(derivedTemplates(both)).toEqual([
      `${ROLE}dev={{SessionName}}`,
      'arn:aws:iam::444455556666:role/dev={{SessionName}}',
    ]);
  });

  test.each<[string, readonly Mapping[]]>([
    ['aws-auth twice', awsAuth(['dev', 'a:{{SessionName}}'], ['dev', 'a:{{SessionName}}'])],
    [
      'aws-auth without its path and an access entry with it',
      [
        ...awsAuth(['dev', 'a:{{SessionName}}']),
        ...entries({ clusterName: 'prod', principalArn: `${ROLE}people/dev`, username: 'a:{{SessionName}}' }),
      ],
    ],
    [
      'access entries of two clusters',
      entries(
        ...['qa', 'prod'].map((clusterName) => ({
          clusterName,
          principalArn: `${ROLE}people/eu/dev`,
          username: 'a:{{SessionName}}',
        })),
      ),
    ],
  ])('are one for one role, named by %s', (_, mappings) => {
    expect(derivedTemplates(mappings)).toEqual([`${ROLE}dev=a:{{SessionName}}`]);
  });

  test('are both kept if two clusters give one role different templates', () => {
    const mappings = [
      ...awsAuth(['dev', 'a:{{SessionName}}']),
      ...entries({ principalArn: `${ROLE}dev`, username: 'b:{{SessionName}}' }),
    ];
    expect(derivedTemplates(mappings)).toEqual([`${ROLE}dev=a:{{SessionName}}`, `${ROLE}dev=b:{{SessionName}}`]);
  });

  test.each([
    ['a fixed name', 'admin'],
    ['a name of the account alone', '{{AccountID}}'],
    ["a node's host name", 'system:node:{{EC2PrivateDNSName}}'],
    ["a node's host name under another name", 'worker:{{EC2PrivateDNSName}}:{{SessionName}}'],
    ["a Fargate pod's name", 'system:node:{{SessionName}}'],
    ['a placeholder that there is not', '{{UserName}}:{{SessionName}}'],
    ['a placeholder with blanks', 'a:{{ SessionName }}'],
    ['the default of access entries', 'arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}'],
    ['that default with the account filled in', 'arn:aws:sts::{{AccountID}}:assumed-role/dev/{{SessionName}}'],
  ])('are not made of %s', (_, username) => {
    expect(derivedTemplates(awsAuth(['dev', username]))).toEqual([]);
  });

  test('are made of usernames that only resemble the default', () => {
    const other = 'arn:aws:sts::444455556666:assumed-role/dev/{{SessionName}}';
    const raw = 'arn:aws:sts::111122223333:assumed-role/dev/{{SessionNameRaw}}';
    expect(derivedTemplates(awsAuth(['dev', other], ['ops', raw]))).toEqual([
      `${ROLE}dev=${other}`,
      `${ROLE}ops=${raw}`,
    ]);
  });

  test('are not made of entries that name no single role', () => {
    const many = awsAuth(
      ['AWSReservedSSO_*', 'a:{{SessionName}}'],
      ['*', 'a:{{SessionName}}'],
      ['arn:aws:sts::111122223333:federated-user/alice', 'a:{{SessionName}}'],
      ['arn:aws:sts::111122223333:assumed-role/dev/alice', 'a:{{SessionName}}'],
    );
    expect(derivedTemplates(many)).toEqual([]);
  });

  test('are not needed for an access entry’s default, nor for nodes of any type', () => {
    const [entry] = entries({ principalArn: `${ROLE}path/dev` });
    expect(entry?.username).toBe('arn:aws:sts::111122223333:assumed-role/dev/{{SessionName}}');
    expect(entry && derivedTemplates([entry])).toEqual([]);
    expect(entry && usernameFindings([entry])).toEqual([]);
    const nodes = ['EC2_LINUX', 'EC2_WINDOWS', 'FARGATE_LINUX', 'HYBRID_LINUX', 'EC2'].map((type) => ({
      principalArn: `${ROLE}node`,
      type,
      username: 'system:node:{{EC2PrivateDNSName}}:{{SessionName}}',
    }));
    expect(derivedTemplates(entries(...nodes))).toEqual([]);
  });

  test('keep the partition', () => {
    expect(derivedTemplates(awsAuth(['arn:aws-cn:iam::111122223333:role/dev', 'a:{{SessionName}}']))).toEqual([
      'arn:aws-cn:iam::111122223333:role/dev=a:{{SessionName}}',
    ]);
  });

  test('are not bound to a role whose name would be cut, and this is reported', () => {
    const templates = derivedTemplates(awsAuth(['a=b', 'a:{{SessionName}}']));
    expect(templates).toEqual(['a:{{SessionName}}']);
    expect(templateNotes(templates, bytesOf)).toEqual([
      expect.stringMatching(/^a:\{\{SessionName\}\} applies to all roles/),
    ]);
  });

  test('are read back as exactly the same role, whatever its name, with or without a path', () => {
    const name = fc.stringMatching(/^[\w+=,.@-]{1,64}$/);
    const path = fc.stringMatching(/^(?:[\w=+]{1,9}\/){0,2}$/);
    fc.assert(
      fc.property(name, path, (roleName, folder) => {
        const [template = ''] = derivedTemplates(
          entries({ principalArn: `${ROLE}${folder}${roleName}`, username: 'k:{{SessionNameRaw}}' }),
        );
        const { role, ...parsed } = parseUsernameTemplate(template);
        expect(readUsername(parsed, 'k:alice', '111122223333')).toEqual([{ name: { text: 'alice', exact: true } }]);
        if (roleName.includes('=')) expect(role).toBeUndefined();
        else expect(role).toEqual({ partition: 'aws', accountId: '111122223333', roleName });
      }),
    );
  });
});

const bytesOf = (entries: readonly string[]) => Buffer.byteLength(listValue(entries));

describe('the limits of a deployment', () => {
  const templatesOf = (count: number) =>
    derivedTemplates(
      awsAuth(...Array.from({ length: count }, (_, n) => [`team-${n}`, `team-${n}:{{SessionName}}`] as const)),
    );
  const accepted = (usernameTemplates: readonly string[]) => readParameters({ usernameTemplates }).ok;

  test('are reported if there are too many templates', () => {
    let [one, more] = [1, 4_000];
    while (more - one > 1) {
      const half = Math.floor((one + more) / 2);
      if (templateNotes(templatesOf(half), bytesOf).length === 0) one = half;
      else more = half;
    }
    // beside the templates the deployment counts the brackets of its empty lists
    expect(accepted(templatesOf(one - 5))).toBe(true);
    expect(accepted(templatesOf(one + 1))).toBe(false);
    expect(templateNotes(templatesOf(one + 1), bytesOf)).toEqual([
      expect.stringMatching(new RegExp(`^The templates take \\d+ bytes\\. .* room for ${ROOM_FOR_TEMPLATES}\\.`)),
    ]);
  });

  test('are reported if a template is too long', () => {
    const templates = ['x'.repeat(900), 'x'.repeat(1_000)].flatMap((prefix) =>
      derivedTemplates(awsAuth(['dev', `${prefix}:{{SessionName}}`])),
    );
    expect(templates.map((template) => accepted([template]))).toEqual([true, false]);
    expect(templates.flatMap((template) => templateNotes([template], bytesOf))).toEqual([
      expect.stringContaining('is longer than 1024 characters'),
    ]);
  });
});
