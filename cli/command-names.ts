/** The heading of the commands that check and set up an account. The command help has it too. */
export const ACCOUNT_HEADING = 'Check and set up your account:';

/** The names of all commands by heading, in the order of the help. */
export const COMMAND_GROUPS = {
  'Find out who it was:': [
    'whois',
    'incident',
    'records',
    'sessions',
    'related',
    'known',
    'changes',
    'attribute',
    'console',
    'mcp',
  ],
  [ACCOUNT_HEADING]: ['doctor', 'fleet', 'clusters', 'kubeconfig', 'configure', 'completion'],
  'Run and load the service:': ['cost', 'local', 'backfill', 'redrive'],
} as const;

export type CommandName = (typeof COMMAND_GROUPS)[keyof typeof COMMAND_GROUPS][number];

/** The names of all commands. */
export const COMMAND_NAMES: readonly string[] = Object.values(COMMAND_GROUPS).flat();
