import { Argument, Command } from 'commander';
import { QUEUE_TITLES } from '../../infra/queue-names.ts';
import { withServiceChoice } from '../access/service-choice.ts';
import { type CommandHelp, withHelp } from '../help/command-help.ts';
import { serviceOption } from '../options/service-options.ts';
import type { RedriveOptions } from './action.ts';

/** Defines `eks-whois redrive`. The code that does the work is loaded when it runs. */
export function redriveCommand(): Command {
  const command = new Command('redrive')
    .summary('process failed messages again: move dead letters back into their queues')
    .description(
      'Moves the messages of the dead-letter queues back, so that the service processes them again. First it shows how many messages ' +
        'each queue has, and asks for confirmation.',
    )
    .addArgument(new Argument('[queue...]', 'only these queues (default: all)').choices(QUEUE_TITLES))
    .option('--dry-run', 'only show how many messages each dead-letter queue has')
    .option('--yes', 'do not ask for confirmation')
    .option('--prefix <prefix>', 'the prefix of the deployment: its service and stage, as in eks-whois-prod')
    .addOption(serviceOption('the service whose queues to redrive, by its name in eks-whois configure'))
    .option('--profile <profile>', 'the AWS profile to sign in with (default: from the environment)')
    .option('--region <region>', "the Region of the deployment (default: AWS_REGION, or the profile's)");
  withServiceChoice<RedriveOptions>(command, ({ prefix }) => prefix !== undefined);
  return withHelp(command, HELP).action(async (titles: readonly string[], options: RedriveOptions) =>
    (await import('./action.ts')).redriveAction(titles, options),
  );
}

const HELP: CommandHelp = {
  notes: `
Fix the cause first: a message that fails five more times is a dead letter again, half an hour later. Records that are already stored
stay as they are. If you stop this command, a move continues in SQS. Messages of a running move are not moved twice.

Without --prefix, the prefix is that of the tables of --service, of EKS_WHOIS_TABLE or of the default of eks-whois configure.

It needs sqs:GetQueueUrl and sqs:GetQueueAttributes on the queues. To move, it also needs sqs:StartMessageMoveTask,
sqs:ListMessageMoveTasks, sqs:ReceiveMessage and sqs:DeleteMessage on the dead-letter queues, and sqs:SendMessage on the
other queues. If the queues use a KMS key of yours, it also needs kms:Decrypt and kms:GenerateDataKey on that key.`,
  examples: [
    { asks: 'Are there dead letters?', command: 'eks-whois redrive --prefix eks-whois-prod --dry-run' },
    { asks: 'Move all of them back:', command: 'eks-whois redrive --prefix eks-whois-prod' },
    {
      asks: 'Move back those of one queue, in a script:',
      command: 'eks-whois redrive sts-events --prefix eks-whois-prod --yes',
    },
  ],
  exitStatus:
    '0 done, or there is nothing to move; 1 a queue could not be read or a move failed, or you answered no; 2 wrong usage; 130 or 143 ' +
    'you stopped it.',
};
