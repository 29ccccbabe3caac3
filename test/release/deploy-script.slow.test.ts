import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { templatesOf } from '../../release/templates.ts';
import { Folder, REPOSITORY } from '../builders/command.ts';

/** The folder of a downloaded release. Its path has a space. */
const folder = new Folder();
const at = (name: string) => folder.at(`my release/eks-whois-9.8.7-${name}`);
const SUMS = folder.at('my release/SHA256SUMS');

beforeAll(async () => {
  mkdirSync(folder.at('my release'));
  const files = (await templatesOf('9.8.7')).map(({ name, text }) => ({ name, text }));
  files.push({ name: 'ingest.zip', text: 'the code' });
  const sums: string[] = [];
  for (const { name, text } of files) {
    writeFileSync(at(name), text);
    sums.push(`${createHash('sha256').update(text).digest('hex')}  eks-whois-9.8.7-${name}\n`);
  }
  writeFileSync(SUMS, sums.join(''));
  copyFileSync(join(REPOSITORY, 'release/deploy.sh'), at('deploy.sh'));
});
afterAll(() => folder[Symbol.dispose]());

/** Runs the script where there is no AWS command line: whatever it says, it says before it asks AWS. */
function deploy(shell: string, ...args: string[]) {
  const { status, stderr } = spawnSync(shell, [at('deploy.sh'), ...args], {
    env: { PATH: '/usr/bin:/bin', HOME: folder.path },
    encoding: 'utf8',
  });
  return { status, errors: stderr };
}

/** The exit status of a shell if a command does not exist: the script was about to call AWS. */
const ASKS_AWS = 127;

describe.each(['dash', 'bash'])("a release's script, by %s", (shell) => {
  it('asks AWS about what it can deploy', () => {
    const { status, errors } = deploy(
      shell,
      'hub',
      'eu-west-1',
      'b',
      'RecordDays=30',
      '--tags',
      'team=security',
      'a=b',
    );
    expect({ status, errors }).toEqual({ status: ASKS_AWS, errors: expect.stringContaining('aws') });
  });

  it.each([
    [['hub', 'eu-west-1'], 'hub|spoke|organization REGION BUCKET'],
    [['cluster', 'eu-west-1', 'b'], 'hub|spoke|organization REGION BUCKET'],
    // The AWS command line would leave it out without a word.
    [['hub', 'eu-west-1', 'b', 'PermisionsBoundary=arn:aws:iam::111122223333:policy/b'], 'PermissionsBoundary'],
    [['hub', 'eu-west-1', 'b', 'HubAccount=111122223333'], 'is not a parameter of'],
    [['hub', 'eu-west-1', 'b', 'security@example.com'], 'is not a parameter of'],
    // Its option would take it: a tag of this name.
    [['hub', 'eu-west-1', 'b', '--tags', 'team=security', 'RecordDays=30'], 'Put parameters first'],
    [['hub', 'eu-west-1', 'b', '--parameter-overrides', 'RecordDays=30'], '--parameter-overrides cannot be given'],
    [['hub', 'eu-west-1', 'b', '--region=eu-west-2'], '--region cannot be given'],
    [['hub', 'eu-west-1', 'b', '--profile', 'security'], 'AWS_PROFILE'],
    [['hub', 'eu-west-1', 'b', 'CodeBucket=other'], 'CodeBucket cannot be given: it follows from BUCKET'],
  ])('refuses %j', (args, reason) => {
    const { status, errors } = deploy(shell, ...args);
    expect(errors).toContain(reason);
    expect(status).toBe(2);
  });
});

const ORGANIZATION = [
  ...['organization', 'eu-west-1', 'code', 'HubAccount=111122223333', 'HubRegion=eu-west-1'],
  ...['OrganizationalUnits=r-ab12', 'SpokeRegions=eu-west-1'],
];

/** Runs the script beside an AWS command line that answers so, as cases of a shell, and nothing to all else; what it was called with. */
function deployBeside(given: readonly string[], answers: string, environment: Readonly<Record<string, string>> = {}) {
  const log = folder.at('calls');
  rmSync(log, { force: true });
  const aws = `#!/bin/sh
echo "$*" >> '${log}'
case "$*" in
  ${answers}
  *get-caller-identity*) printf '111122223333\\tarn:aws:iam::111122223333:user/ana\\n' ;;
  *describe-organization*) echo o-a1b2c3d4e5 ;;
esac
`;
  writeFileSync(folder.at('aws'), aws);
  chmodSync(folder.at('aws'), 0o755);
  const { status, stderr } = spawnSync('dash', [at('deploy.sh'), ...given], {
    env: { PATH: [folder.path, '/usr/bin', '/bin'].join(delimiter), ...environment },
    encoding: 'utf8',
  });
  return { status, stderr, calls: existsSync(log) ? readFileSync(log, 'utf8') : '' };
}

describe("a release's script", () => {
  it('refuses files that do not match its checksums, and missing files', () => {
    writeFileSync(at('ingest.zip'), 'other code');
    expect(deploy('dash', 'hub', 'eu-west-1', 'b')).toEqual({
      status: 2,
      errors: expect.stringContaining('eks-whois-9.8.7-ingest.zip does not match SHA256SUMS'),
    });
    rmSync(at('ingest.zip'));
    expect(deploy('dash', 'hub', 'eu-west-1', 'b').status).toBe(2);
    writeFileSync(at('ingest.zip'), 'the code');
    expect(deploy('dash', 'hub', 'eu-west-1', 'b').status).toBe(ASKS_AWS);
  });

  it('refuses to run in a folder without its files', () => {
    const { status, stderr } = spawnSync('dash', [join(REPOSITORY, 'release/deploy.sh'), 'hub', 'eu-west-1', 'b'], {
      env: { PATH: '/usr/bin:/bin' },
      encoding: 'utf8',
    });
    expect(stderr).toContain('Keep the files of a release together');
    expect(status).toBe(2);
  });

  it("lets an organization read a bucket without a policy, and keeps a policy that it can't read", () => {
    const none = 'An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: none';
    const denied = 'An error occurred (AccessDenied) when calling the GetBucketPolicy operation: Access Denied';
    const saying = (error: string) => `*get-bucket-policy*) echo '${error}' >&2; exit 254 ;;`;
    expect(deployBeside(ORGANIZATION, saying(none))).toMatchObject({
      status: 0,
      calls: expect.stringMatching(/put-bucket-policy[\s\S]*cloudformation deploy/),
    });
    const { status, stderr, calls } = deployBeside(ORGANIZATION, saying(denied));
    expect(calls).not.toContain('put-bucket-policy');
    expect(stderr).toContain(denied);
    expect(calls).not.toContain('cloudformation deploy');
    expect(status).not.toBe(0);
  });

  describe('checks an organization first', () => {
    const GIVEN = [...ORGANIZATION.slice(0, -1), 'SpokeRegions=eu-west-1,us-east-1', 'PermissionsBoundary=team'];
    const CHECK =
      'doctor --organization --region eu-west-1 us-east-1 --code-bucket code --unit r-ab12 --permissions-boundary team';

    /** Puts a command line beside the script, which ends with this status and has findings of these severities. */
    function withDoctor(status: number, ...severities: readonly string[]) {
      const found = severities.map((each) => `echo '${each}  an-id  the organization'\n`).join('');
      writeFileSync(
        folder.at('eks-whois'),
        `#!/bin/sh\necho "$*" >> '${folder.at('calls')}'\n${found}exit ${status}\n`,
      );
      chmodSync(folder.at('eks-whois'), 0o755);
      return { [Symbol.dispose]: () => rmSync(folder.at('eks-whois')) };
    }

    it('and deploys if nothing was found', () => {
      using _ = withDoctor(0);
      const { calls } = deployBeside(GIVEN, '', { EKS_WHOIS_MEMBER_ROLE: 'Access' });
      expect(calls).toContain(`${CHECK} --member-role Access\n`);
      expect(calls.indexOf('doctor')).toBeLessThan(calls.indexOf('s3api'));
      expect(calls).toContain('cloudformation deploy');
    });

    it('and deploys if nothing but minor things was found, and shows them', () => {
      using _ = withDoctor(3, 'LOW', 'LOW');
      const { calls, stderr } = deployBeside(GIVEN, '');
      expect(stderr).toContain('LOW  an-id');
      expect(calls).toContain('cloudformation deploy');
    });

    it.each([[[]], [['LOW', 'HIGH']], [['MEDIUM']]])(
      'and creates nothing if something else was found, unless somebody insists: %j',
      (severities) => {
        using _ = withDoctor(3, ...severities);
        const refused = deployBeside(GIVEN, '');
        expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('Nothing was deployed') });
        expect(refused.calls).not.toMatch(/s3|deploy /);
        expect(deployBeside(GIVEN, '', { EKS_WHOIS_DEPLOY_ANYWAY: 'yes' }).calls).toContain('cloudformation deploy');
      },
    );

    it('and says so if it could not check everything', () => {
      using _ = withDoctor(1);
      const { stderr, calls } = deployBeside(GIVEN, '');
      expect(stderr).toContain('Not everything could be checked.');
      expect(calls).toContain('cloudformation deploy');
    });

    it('and prints the command if eks-whois is not installed', () => {
      const { stderr, calls } = deployBeside(GIVEN, '');
      expect(stderr).toContain(`npx --yes '${folder.at('my release')}/eks-whois-9.8.7.tgz' ${CHECK}\n`);
      expect(calls).toContain('cloudformation deploy');
    });
  });

  it('creates no bucket if it cannot find out whether one exists', () => {
    const { status, calls } = deployBeside(
      ['hub', 'eu-west-1', 'code'],
      "*head-bucket*) echo 'timed out' >&2; exit 255 ;;",
    );
    expect(calls).not.toContain('s3 mb');
    expect(status).not.toBe(0);
  });

  it('leaves no bucket that it could not make private', () => {
    const answers = [
      "*head-bucket*) echo 'An error occurred (404) when calling the HeadBucket operation: Not Found' >&2; exit 254 ;;",
      '*put-public-access-block*) exit 254 ;;',
    ].join('\n');
    const { status, calls } = deployBeside(['hub', 'eu-west-1', 'code'], answers);
    expect(calls).toMatch(/s3 mb s3:\/\/code-eu-west-1[\s\S]*s3 rb s3:\/\/code-eu-west-1/);
    expect(calls).not.toContain('s3 cp');
    expect(status).not.toBe(0);
  });

  describe('if the stack is there already', () => {
    const DEPLOYED = [
      String.raw`*Parameters*) printf 'CallAs\tDELEGATED_ADMIN\nForward\tfalse\nPermissionsBoundary\tteam\nSpokeRegions\teu-west-1,us-east-1\n' ;;`,
      String.raw`*Tags*) printf 'team\tsecurity tools\nnothing\t\n' ;;`,
    ].join('\n');
    const UPDATE = ['organization', 'eu-west-1', 'code', 'LogDays=7'];

    it('keeps its tags, which the AWS command line would remove, unless some are given', () => {
      const { calls } = deployBeside(UPDATE, DEPLOYED);
      expect(calls).toMatch(/cloudformation deploy .* --tags team=security tools nothing=$/m);
      const given = deployBeside([...UPDATE, '--tags', 'team=platform'], DEPLOYED).calls;
      expect(given).toMatch(/cloudformation deploy .* --tags team=platform$/m);
    });

    it('goes by the parameters that it keeps', () => {
      const { calls, stderr } = deployBeside(UPDATE, DEPLOYED);
      expect(stderr).toContain('--permissions-boundary team --without-forwarding\n');
      expect(calls).toContain('s3://code-us-east-1/');
      expect(calls).toContain('list-stack-instances --region eu-west-1 --stack-set-name  --call-as DELEGATED_ADMIN');
      const given = deployBeside([...UPDATE, 'CallAs=SELF', 'Forward=true', 'SpokeRegions=eu-west-1'], DEPLOYED);
      expect(given.stderr).not.toContain('--without-forwarding');
      expect(given.calls).not.toContain('us-east-1');
      expect(given.calls).toContain('--call-as SELF');
    });

    it('deploys nothing if it cannot see the stack', () => {
      const denied = "*describe-stacks*) echo 'AccessDenied' >&2; exit 254 ;;";
      const { calls, stderr, status } = deployBeside(ORGANIZATION, denied);
      expect(calls).not.toMatch(/s3|deploy /);
      expect({ stderr, status }).toEqual({ stderr: expect.stringContaining('AccessDenied'), status: 2 });
    });
  });

  it('warns if Lambda runs so few functions at once that other accounts could leave none for settle', () => {
    const hub = ['hub', 'eu-west-1', 'code'];
    const quota = (functions: number) => `*get-account-settings*) echo ${functions} ;;`;
    expect(deployBeside(hub, quota(10)).stderr).toContain('Lambda runs only 10 functions at once in eu-west-1');
    expect(deployBeside(hub, quota(10)).calls).toContain('cloudformation deploy');
    expect(deployBeside(hub, quota(100)).stderr).toContain('set QueueConcurrency=25');
    expect(deployBeside([...hub, 'QueueConcurrency=25'], quota(100)).stderr).not.toContain('Lambda');
    for (const answer of [quota(250), '*get-account-settings*) echo denied >&2; exit 254 ;;'])
      expect(deployBeside(hub, answer).stderr).not.toContain('Lambda');
    expect(deployBeside(ORGANIZATION, quota(10)).stderr).not.toContain('Lambda runs');
  });

  describe('looks whether anybody gets the alerts and alarms of a hub', () => {
    const topics = `*AlertsTopic*) echo arn:aws:sns:eu-west-1:111122223333:alerts ;;
      *AlarmsTopic*) echo arn:aws:sns:eu-west-1:111122223333:alarms ;;`;
    const confirmed = (alerts: string, alarms: string) =>
      deployBeside(
        ['hub', 'eu-west-1', 'code'],
        `${topics}\n*topic-arn*:alerts*) ${alerts} ;;\n*topic-arn*:alarms*) ${alarms} ;;`,
      );

    it('and says nothing if both topics have a confirmed subscription', () => {
      const { status, stderr, calls } = confirmed('echo 1', 'echo 2');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(calls).toMatch(/deploy [\s\S]*sns get-topic-attributes .*SubscriptionsConfirmed/);
    });

    it('and warns of a topic without one, because whoever unsubscribed or did not confirm hears nothing of it', () => {
      const { status, stderr } = confirmed('echo 1', 'echo 0');
      expect(stderr).toContain('Warning: nobody gets the messages of arn:aws:sns:eu-west-1:111122223333:alarms');
      expect(stderr).not.toContain(':alerts');
      expect(status).toBe(0);
    });

    it('and says so if it may not look', () => {
      const { status, stderr } = confirmed("echo 'AccessDenied: sns:GetTopicAttributes' >&2; exit 254", 'echo 1');
      expect(stderr).toContain('Warning: it is not known whether anybody gets the messages of');
      expect(stderr).toContain('AccessDenied: sns:GetTopicAttributes');
      expect(status).toBe(0);
    });

    it('but not before the changes are applied', () => {
      const { calls } = deployBeside(['hub', 'eu-west-1', 'code', '--no-execute-changeset'], topics);
      expect(calls).not.toContain('sns');
    });
  });

  it('warns of tables that do not expire or cannot be restored, because DynamoDB restores a table without that', () => {
    const table = (name: string) => `*${name}TableName*) echo eks-whois-prod-${name.toLowerCase()} ;;`;
    const warnings = (expiry: string, recovery: string) =>
      deployBeside(
        ['hub', 'eu-west-1', 'code'],
        `${['Records', 'Sessions', 'Claims'].map(table).join('\n')}
         *time-to-live*eks-whois-prod-claims*) ${expiry} ;;
         *continuous-backups*eks-whois-prod-claims*) ${recovery} ;;
         *time-to-live*|*continuous-backups*) echo ENABLED ;;`,
      ).stderr;
    expect(warnings('echo ENABLED', 'echo ENABLED')).toBe('');
    expect(warnings('echo DISABLED', 'echo ENABLED')).toMatch(
      /^Warning: nothing in eks-whois-prod-claims expires[^\n]*\ndocs/,
    );
    expect(warnings('echo ENABLED', 'echo DISABLED')).toMatch(/^Warning: eks-whois-prod-claims has no [^\n]*\ndocs/);
    expect(warnings('exit 254', 'exit 254')).toBe('');
  });

  describe('refuses the address of a hub that does not exist in this account, because EventBridge would drop everything silently', () => {
    const none =
      "*describe-event-bus*) echo 'An error occurred (ResourceNotFoundException) when calling …' >&2; exit 254 ;;";
    const spoke = ['spoke', 'us-east-1', 'code', 'HubAccount=111122223333', 'HubRegion=eu-west-1', 'Prefix=audit'];

    it.each([[spoke], [[...ORGANIZATION, 'Prefix=audit']]])('%j', (given) => {
      const { status, stderr, calls } = deployBeside(given, none);
      expect(stderr).toContain('There is no event bus audit-spokes in eu-west-1 of this account.');
      expect(calls).toContain('events describe-event-bus --region eu-west-1 --name audit-spokes');
      expect({ status, calls }).toEqual({ status: 2, calls: expect.not.stringMatching(/ s3 |deploy /) });
      expect(deployBeside(given, '').calls).toContain('cloudformation deploy');
    });

    it('but asks nothing about the hub of another account, which it cannot see', () => {
      const { calls } = deployBeside(spoke.with(3, 'HubAccount=222233334444'), none);
      expect(calls).not.toContain('describe-event-bus');
      expect(calls).toContain('cloudformation deploy');
    });
  });

  it('asks for the Regions of spokes if there is no stack that has them', () => {
    const none = "*describe-stacks*) echo 'Stack with id eks-whois-organization does not exist' >&2; exit 254 ;;";
    const { stderr, status } = deployBeside(['organization', 'eu-west-1', 'code', 'HubAccount=111122223333'], none);
    expect({ stderr, status }).toEqual({ stderr: expect.stringContaining('SpokeRegions='), status: 2 });
  });

  describe('if the AWS command line stops after an hour', () => {
    const stops = "*cloudformation\\ deploy*) echo 'Failed to create/update the stack. Run …' >&2; exit 255 ;;";
    /** Answers with the status of a stack that two waits do not see the end of. */
    const ends = (status: string) =>
      `*StackStatus*) if [ "$(grep -c 'cloudformation wait' '${folder.at('calls')}')" = 2 ]; then echo ${status}; else echo UPDATE_IN_PROGRESS; fi ;;
       *cloudformation\\ wait*) exit 255 ;;`;

    it('waits on while CloudFormation works, and then prints what was deployed', () => {
      const { status, stderr, calls } = deployBeside(ORGANIZATION, `${stops}\n${ends('UPDATE_COMPLETE')}`);
      expect(stderr).toContain('CloudFormation is still working on eks-whois-organization (UPDATE_IN_PROGRESS).');
      expect(calls.match(/cloudformation wait stack-update-complete/g)).toHaveLength(2);
      expect(calls).toContain('list-stack-instances');
      expect(status).toBe(0);
    });

    it('fails if CloudFormation rolls back', () => {
      const { status, stderr, calls } = deployBeside(ORGANIZATION, `${stops}\n${ends('UPDATE_ROLLBACK_COMPLETE')}`);
      expect(stderr).toContain('eks-whois-organization was not deployed: UPDATE_ROLLBACK_COMPLETE.');
      expect(calls).not.toContain('list-stack-instances');
      expect(status).toBe(255);
    });

    it("does not wait for somebody else's deployment", () => {
      const busy =
        "*cloudformation\\ deploy*) echo 'Stack is in UPDATE_IN_PROGRESS state and can not be updated' >&2; exit 254 ;;";
      const { status, stderr, calls } = deployBeside(ORGANIZATION, busy);
      expect(stderr).toContain('can not be updated');
      expect(calls).not.toContain('cloudformation wait');
      expect(status).toBe(254);
    });
  });

  it('fails if accounts have no spoke of this release, although StackSets went on without them, and says how to try again', () => {
    const failing = String.raw`*Status!=*) printf '777788889999\tus-east-1\tdenied by a policy\n' ;;`;
    const { status, stderr } = deployBeside([...ORGANIZATION, 'CallAs=DELEGATED_ADMIN'], failing);
    expect(stderr).toContain('777788889999\tus-east-1\tdenied by a policy\n');
    expect(stderr).toContain('--call-as DELEGATED_ADMIN');
    expect(stderr).toContain('OrganizationalUnitIds=r-ab12,Accounts=<accounts>,AccountFilterType=INTERSECTION');
    expect(status).toBe(1);
  });

  describe('runs the function once that reports the spokes to the hub', () => {
    const rollOut = '*describe-stack-resource*) echo eks-whois-prod-roll-out ;;';
    const invoked = (answer: string) => deployBeside(ORGANIZATION, `${rollOut}\n*lambda\\ invoke*) ${answer} ;;`);

    it('and says nothing if it worked, or if there is none', () => {
      const { status, stderr, calls } = invoked('echo None');
      expect(calls).toMatch(/lambda invoke .*--function-name eks-whois-prod-roll-out/);
      expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('hub') });
      const none = deployBeside(ORGANIZATION, '*describe-stack-resource*) echo none >&2; exit 254 ;;');
      expect(none.calls).not.toContain('lambda invoke');
      expect({ status: none.status, stderr: none.stderr }).toEqual({ status: 0, stderr });
    });

    it('and warns if the hub does not accept the report, because nobody else would notice', () => {
      const { status, stderr } = invoked(
        `for last; do :; done; echo '{"errorMessage":"not authorized to perform: events:PutEvents"}' > "$last"; echo Unhandled`,
      );
      expect(stderr).toContain('Warning: the hub does not learn which accounts have no spoke');
      expect(stderr).toContain('events:PutEvents');
      expect(status).toBe(0);
    });

    it('and says so if it may not run it', () => {
      const { status, stderr } = invoked("echo 'AccessDenied: lambda:InvokeFunction' >&2; exit 254");
      expect(stderr).toContain('AccessDenied: lambda:InvokeFunction');
      expect(stderr).toContain('Warning: it is not known whether the hub learns');
      expect(status).toBe(0);
    });
  });

  it("deploys an organization's template from any Region, by no bucket of another", () => {
    const { calls } = deployBeside([...ORGANIZATION.slice(0, -1), 'SpokeRegions=us-east-1, us-west-2'], '');
    expect(calls).toContain('s3://code-us-west-2/');
    expect(calls).not.toContain('--s3-bucket');
  });

  it("uses China's addresses for templates in China", () => {
    const identity = "*get-caller-identity*) printf '111122223333\\tarn:aws-cn:iam::111122223333:user/ana\\n' ;;";
    const { calls } = deployBeside([...ORGANIZATION.slice(0, -1), 'SpokeRegions=cn-north-1'], identity);
    expect(calls).toContain('TemplateUrl=https://code-cn-north-1.s3.cn-north-1.amazonaws.com.cn/eks-whois/');
  });
});

describe('npm run release', () => {
  it.each(['.', '--help'])('does not empty a folder with other content: %s', (name) => {
    const path = name === '.' ? folder.at('documents') : name;
    mkdirSync(folder.at('documents'), { recursive: true });
    writeFileSync(folder.at('documents/letter.txt'), 'dear');
    const { status, stderr } = spawnSync(process.execPath, [join(REPOSITORY, 'release/release.ts'), path], {
      cwd: folder.path,
      encoding: 'utf8',
    });
    expect(stderr).toContain('not a folder for a release');
    expect(status).toBe(2);
    expect(existsSync(folder.at('documents/letter.txt'))).toBe(true);
    expect(existsSync(folder.at('--help'))).toBe(false);
  });
});
