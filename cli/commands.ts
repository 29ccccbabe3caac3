import type { Command } from 'commander';
import { COMMAND_GROUPS, type CommandName } from './command-names.ts';

/** Loads the definition of each command. */
const LOADERS: Readonly<Record<CommandName, () => Promise<Command>>> = {
  whois: async () => (await import('./whois/whois.ts')).whoisCommand(),
  incident: async () => (await import('./incident/incident.ts')).incidentCommand(),
  records: async () => (await import('./records/records.ts')).recordsCommand(),
  sessions: async () => (await import('./sessions/sessions.ts')).sessionsCommand(),
  related: async () => (await import('./related/related.ts')).relatedCommand(),
  known: async () => (await import('./known/known.ts')).knownCommand(),
  changes: async () => (await import('./changes/changes.ts')).changesCommand(),
  attribute: async () => (await import('./attribute/attribute.ts')).attributeCommand(),
  console: async () => (await import('./console/console.ts')).consoleCommand(),
  mcp: async () => (await import('./mcp/mcp.ts')).mcpCommand(),
  doctor: async () => (await import('./doctor/doctor.ts')).doctorCommand(),
  fleet: async () => (await import('./fleet/fleet.ts')).fleetCommand(),
  clusters: async () => (await import('./clusters/clusters.ts')).clustersCommand(),
  kubeconfig: async () => (await import('./kubeconfig/kubeconfig.ts')).kubeconfigCommand(),
  configure: async () => (await import('./configure/configure.ts')).configureCommand(),
  completion: async () => (await import('./completion/completion.ts')).completionCommand(),
  cost: async () => (await import('./cost/cost.ts')).costCommand(),
  local: async () => (await import('./local/local.ts')).localCommand(),
  backfill: async () => (await import('./backfill/backfill.ts')).backfillCommand(),
  redrive: async () => (await import('./redrive/redrive.ts')).redriveCommand(),
};

/** Adds all commands to the program, or only the one of this name. */
export async function addCommands(program: Command, only?: string): Promise<void> {
  for (const [heading, names] of Object.entries(COMMAND_GROUPS)) {
    program.commandsGroup(heading);
    for (const name of names) if (only === undefined || only === name) program.addCommand(await LOADERS[name]());
  }
}
