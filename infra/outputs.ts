import { tableName } from '../lib/adapters/dynamodb/tables.ts';
import { alarmTopic } from './alerts.ts';
import { domainOutputs } from './api.ts';
import { arnOf, type Output, ref, sub } from './cloudformation.ts';
import { dashboardName } from './dashboard.ts';
import type { Deployment } from './deployment.ts';
import { takesEvents } from './event-buses.ts';
import { TABLE_IDS, tableOutput } from './tables.ts';

/** Returns the outputs, which people need after a deployment. `osls info --verbose` shows them again. */
export function outputsOf(of: Deployment): Record<string, Output> {
  const outputs = { AlarmsTopic: { Description: 'The topic of the alarms', Value: alarmTopic(of) } };
  return of.stack === 'hub' ? { ...outputs, ...hubOutputs(of) } : outputs;
}

function hubOutputs(of: Deployment): Record<string, Output> {
  const outputs: Record<string, Output> = {
    // No address: that of CloudWatch's console differs from partition to partition.
    DashboardName: { Description: "The hub's dashboard in CloudWatch", Value: dashboardName(of) },
    ApiUrl: {
      Description:
        'The address of the API: /whois, /records, /known, /sessions, /related, /changes, /summary, /fleet and /notes (eks-whois whois --api)',
      Value:
        of.domainName === undefined
          ? sub('https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}')
          : `https://${of.domainName}`,
    },
    AnalystsPolicy: { Description: 'The managed policy to attach to analysts', Value: ref('AnalystsPolicy') },
    ...domainOutputs(of),
    FleetCommand: {
      Description:
        'The command that shows every account, Region and cluster, and what is wrong. The overview of the page leads to the same',
      Value: `eks-whois fleet --table ${of.prefix}`,
    },
    AlertsTopic: { Description: 'The topic of the alerts', Value: ref('Alerts') },
  };
  for (const table of TABLE_IDS)
    outputs[tableOutput(table)] = { Description: `The ${table} table`, Value: tableName(of.prefix, table) };
  const stay = TABLE_IDS.map((table) => tableName(of.prefix, table)).join(', ');
  outputs.StaysAfterRemoval = {
    Description: 'What stays when this stack is deleted. docs/operate.md says how to delete it',
    Value: `The tables ${stay}. DynamoDB keeps a backup of a deleted table for 35 days`,
  };
  if (takesEvents(of))
    outputs.StsBusArn = { Description: 'The event bus for infra/forwarding.yml to forward to', Value: arnOf('StsBus') };
  return outputs;
}
