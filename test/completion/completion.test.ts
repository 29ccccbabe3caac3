import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { bashCompletion } from '../../cli/completion/bash.ts';
import { commandTree } from '../../cli/completion/command-tree.ts';
import { fishCompletion } from '../../cli/completion/fish.ts';
import { zshCompletion } from '../../cli/completion/zsh.ts';
import { RECORD_FORMATS } from '../../cli/format/formats.ts';
import { FLAGS } from '../../lib/attribution/flags.ts';
import { Folder, runCommand } from '../builders/command.ts';
import { hasShell, ShellHome } from './terminal-shell.ts';

async function scriptFor(shell: string): Promise<string> {
  const { status, output, errors } = await runCommand(['completion', shell]);
  expect({ status, errors }).toEqual({ status: 0, errors: '' });
  return output;
}

/** Returns what bash would offer after the line, with the cursor at its end. */
function offered(
  script: string,
  line: string,
  { folder, environment }: { readonly folder?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): string[] {
  const words = line.split(/ +|(?<=[:=])|(?=[:=])/); // as bash breaks words
  const last = words.at(-1) ?? '';
  const program = `${script}
COMP_LINE="$1" COMP_POINT=\${#1} replaced="$2"
shift 2
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_eks_whois eks-whois "$replaced"
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ['-c', program, 'bash', line, /^[:=]+$/.test(last) ? '' : last, ...words];
  const env = { ...process.env, ...environment };
  return execFileSync('bash', args, { encoding: 'utf8', cwd: folder, env })
    .split('\n')
    .filter((word) => word !== '');
}

describe.skipIf(!hasShell('bash'))('completion in bash', () => {
  it.each<[string, readonly string[]]>([
    ['eks-whois rec', ['records']],
    ['eks-whois kubeconfig ', ['create', 'list', 'use', 'help']],
    ['eks-whois kubeconfig create --role-in ', ['profile', 'arguments']],
    ['eks-whois kubeconfig list --format ', ['table', 'jsonl', 'json', 'yaml', 'names']],
    ['eks-whois clusters list --format ', ['table', 'jsonl', 'json', 'yaml']],
    ['eks-whois records --format ', RECORD_FORMATS],
    ['eks-whois records --format=j', ['jsonl', 'json']],
    ['eks-whois records --format=', RECORD_FORMATS],
    ['eks-whois records --actor records --stat', ['--status']],
    ['eks-whois records --actor whois --form', ['--format']],
    ['eks-whois records --follow --status p', ['partial', 'pending']],
    ['eks-whois sessions --flag impersonation node', ['node-role-used-by-person']],
    ['eks-whois sessions --flag ', FLAGS],
    ['eks-whois records --actor ', []],
    ['eks-whois completion ', ['bash', 'zsh', 'fish']],
    ['eks-whois --vers', ['--version']],
    ['eks-whois records --no', ['--no-system', '--no-headers', '--no-pager']],
    ['eks-whois records --not-acto', ['--not-actor']],
    ['eks-whois records --not-status pe', ['pending']],
    ['eks-whois known ', ['actors', 'roles', 'clusters', 'namespaces']],
    ['eks-whois related an-audit-id ', []],
  ])('%j is gone on with %j', async (line, expected) => {
    expect(offered(await scriptFor('bash'), line)).toEqual(expected);
  });

  it('offers files where paths are wanted, folders where those are', async () => {
    using folder = new Folder();
    folder.file('audit of today.jsonl', '');
    folder.file('aud*t', '');
    mkdirSync(folder.at('audits'));
    const script = await scriptFor('bash');
    const at = (line: string) => offered(script, line, { folder: folder.path }).sort();
    expect(at('eks-whois attribute --audit one.json aud')).toEqual(['aud*t', 'audit of today.jsonl', 'audits']);
    expect(at('eks-whois records --output-file aud')).toHaveLength(3);
    expect(at('eks-whois local --data aud')).toEqual(['audits']);
  });

  it('offers services and profiles by name, and evaluates no name', async () => {
    using home = new ShellHome();
    home.file('config.yaml', 'services: {prod: {table: a}, preview: {table: b}}\n');
    home.file(
      'aws',
      '[profile prod-audit]\n[profile pro$(touch pwned)]\n[profile pro`touch pwned`]\n[profile pro dit]\n',
    );
    const environment = { ...home.environment, AWS_CONFIG_FILE: home.at('aws'), AWS_SHARED_CREDENTIALS_FILE: '/none' };
    const script = await scriptFor('bash');
    const at = (line: string) => offered(script, line, { folder: home.path, environment });
    expect(at('eks-whois records --service pr')).toEqual(['prod', 'preview']);
    expect(at('eks-whois configure use pro')).toEqual(['prod']);
    expect(at('eks-whois kubeconfig create prod --profile=pr')).toEqual(['prod-audit']);
    expect(existsSync(home.at('pwned'))).toBe(false);
  });

  it('writes nothing to standard error when bash loads it', async () => {
    const script = await scriptFor('bash');
    expect(spawnSync('bash', ['-c', `${script}\ncomplete -p eks-whois`], { encoding: 'utf8' })).toMatchObject({
      stderr: '',
      stdout: 'complete -F _eks_whois eks-whois\n',
    });
  });
});

describe('completion in zsh and fish', () => {
  it('offers commands, options, choices and files by zsh’s own means', async () => {
    const script = await scriptFor('zsh');
    expect(script).toMatch(/^#compdef eks-whois\n/);
    expect(script).toContain(
      "'*--audit=[audit events: files, folders, s3://bucket/prefix or - (standard input)]:path:_files'",
    );
    expect(script).toContain(`:format:(${RECORD_FORMATS.join(' ')})`);
    expect(script).toContain('kubeconfig) _eks_whois_kubeconfig ;;');
    expect(script).toContain(
      "'*--actor=[who acted: actor ID, or exact name, email, ARN or principal ID; or '\\''ben*'\\'']:actor:_eks_whois_names actors'",
    );
    expect(script).toContain("'!*--not-status=[not: the status of the attribution]:status:(attributed");
    if (hasShell('zsh')) expect(spawnSync('zsh', ['-n', '-c', script], { encoding: 'utf8' }).stderr).toBe('');
  });

  it('offers the same by fish’s own means', async () => {
    const script = await scriptFor('fish');
    const formats = RECORD_FORMATS.join(' ');
    expect(script).toContain(
      `\ncomplete -c eks-whois -n '__fish_seen_subcommand_from records' -l format -x -a '${formats}' `,
    );
    expect(script).toMatch(/^complete -c eks-whois -n '__fish_seen_subcommand_from attribute' -l audit -r -F /m);
    expect(script).toMatch(
      /-n '__fish_seen_subcommand_from kubeconfig; and not __fish_seen_subcommand_from create list use help' -a create /,
    );
    expect(script).toMatch(/from known; and __fish_seen_subcommand_from roles' -a '\(__eks_whois_names roles\)'\n/);
    if (hasShell('fish')) expect(spawnSync('fish', ['-n', '-c', script], { encoding: 'utf8' }).stderr).toBe('');
  });
});

describe('a completion', () => {
  it('is made from the definitions of the commands, so that it offers everything that they define', () => {
    const program = new Command('some-tool').addCommand(
      new Command('mend')
        .summary("what's broken: [all] of it")
        .addOption(new Option('-k, --kind <kind>', "it's \\ a kind").choices(['one', 'two']))
        .option('--no-change', 'none'),
    );
    const tree = commandTree(program);
    expect(bashCompletion('some-tool', tree)).toContain("'mend -k') _some_tool_offer 'one two' ;;");
    expect(zshCompletion('some-tool', tree)).toContain(
      "'(--kind -k)'{--kind=,-k}'[it'\\''s \\\\ a kind]:kind:(one two)'",
    );
    expect(zshCompletion('some-tool', tree)).toContain("'mend:what'\\''s broken\\: [all] of it'");
    expect(fishCompletion('some-tool', tree)).toContain("-l kind -s k -x -a 'one two' -d 'it\\'s \\\\ a kind'");
    for (const script of [bashCompletion, zshCompletion, fishCompletion].map((make) => make('some-tool', tree)))
      expect(script).toContain('no-change');
  });

  it('asks for names of records only where the command asks a service that has them', () => {
    const program = new Command('some-tool')
      .addCommand(new Command('over-files').option('--actor <actor>', 'who'))
      .addCommand(new Command('over-records').option('--actor <actor>', 'who').option('--service <name>', 'which'));
    const script = bashCompletion('some-tool', commandTree(program));
    expect(script).toContain("    'over-records --actor') _some_tool_names actors ;;");
    expect(script).toContain("    'over-records --service') _some_tool_names services ;;");
  });

  it.each([[['completion']], [['completion', 'csh']]])('%j is wrong usage', async (args) => {
    const { status, output, errors } = await runCommand(args);
    expect({ status, output }).toEqual({ status: 2, output: '' });
    expect(errors).toMatch(/<shell>.* bash, zsh, fish\./);
  });
});
