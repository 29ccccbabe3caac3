import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { quoted } from '../../lib/shell.ts';
import { Folder, REPOSITORY } from '../builders/command.ts';

export function hasShell(name: string): boolean {
  return spawnSync(name, ['-c', 'exit 0']).status === 0;
}

/** Returns whether util-linux's `script` is there, by which a shell gets a terminal. */
export function hasTerminals(): boolean {
  return spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;
}

/** A home with the program on the PATH, and nothing else of whoever runs the tests. */
export class ShellHome extends Folder {
  constructor() {
    super();
    this.file('bin/.keep', '');
    symlinkSync(`${REPOSITORY}/bin/eks-whois`, this.at('bin/eks-whois'));
  }

  get environment(): Readonly<Record<string, string>> {
    const path = [this.at('bin'), dirname(process.execPath), process.env.PATH].join(delimiter);
    const own = { PATH: path, HOME: this.path, ZDOTDIR: this.path, XDG_CONFIG_HOME: this.path, TERM: 'xterm' };
    return { ...own, EKS_WHOIS_CONFIG: this.at('config.yaml'), NODE_NO_WARNINGS: '1' };
  }
}

/** How each shell is started, so that Ctrl-G shows the line as it stands between `<<` and `>>`, and empties it. */
const STARTS = {
  bash: {
    file: '.bashrc',
    command: (home: ShellHome) => `bash --noprofile --rcfile ${quoted(home.at('.bashrc'))} -i`,
    rest: `show() { printf '<<%s>>' "$READLINE_LINE"; READLINE_LINE=''; }
bind -x '"\\C-g": show'
PS1='ready> '`,
    before: '',
  },
  zsh: {
    file: '.zshrc',
    command: () => 'zsh -d -i',
    before: 'autoload -Uz compinit && compinit -u -D',
    rest: `show() { print -rn -- "<<$BUFFER>>"; BUFFER=''; }
zle -N show
bindkey '^G' show
PS1='ready> '`,
  },
} as const;

/** A shell at a terminal of its own, which has read the completion script. */
export class TerminalShell implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (piece: Buffer) => {
      this.#output += piece.toString();
    });
  }

  static async start(
    name: keyof typeof STARTS,
    home: ShellHome,
    script: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<TerminalShell> {
    const { file, before, rest, command } = STARTS[name];
    home.file(file, `${before}\n${script}\n${rest}\n`);
    const env = { ...home.environment, ...environment };
    const shell = new TerminalShell(
      spawn('script', ['-qec', command(home), '/dev/null'], { stdio: 'pipe', cwd: home.path, env }),
    );
    await shell.#until(/ready> /);
    return shell;
  }

  /** The output of the terminal since Tab was last pressed. */
  get shown(): string {
    return this.#output;
  }

  /** The line after a person typed this and Tab. */
  async afterTab(typed: string): Promise<string> {
    this.#output = '';
    this.#child.stdin?.write(`${typed}\t\x07`);
    const [, line = ''] = await this.#until(/<<(.*)>>/s);
    return line;
  }

  async #until(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.#output);
      if (found !== null) return found;
      if (this.#child.exitCode !== null) throw new Error(`The shell ended: ${this.#output}`);
      await this.#heard();
    }
  }

  /** Until it said more, or ended. */
  async #heard(): Promise<void> {
    const { stdout } = this.#child;
    if (stdout === null) return;
    const over = new AbortController();
    const { signal } = over;
    await Promise.race([once(stdout, 'data', { signal }), once(this.#child, 'exit', { signal })]).finally(() =>
      over.abort(),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end('\x15exit\n');
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
