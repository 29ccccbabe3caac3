import { alarmTopic } from './alerts.ts';
import { arnOf, type Resource, type Resources, ref } from './cloudformation.ts';
import type { Deployment } from './deployment.ts';
import { ALARM_EVENTS, ALARM_ROLE, type AlarmRuleId, alarmRulesOf, hubBus } from './event-buses.ts';
import { ownRole } from './roles.ts';

/**
 * Returns the resources that bring the alarms of all spokes to the hub's topic (docs/decisions/0048). A spoke forwards
 * the changes of its alarms to the hub's bus, and the hub publishes them. EventBridge states the account.
 * @param alarmIds the logical IDs of the stack's own alarms.
 */
export function fleetAlarmResources(of: Deployment, alarmIds: readonly string[]): Resources {
  return of.stack === 'hub' ? hubRules(of) : spokeRule(of, alarmIds);
}

/**
 * Matches alarms that are raised or end. A new alarm changes from INSUFFICIENT_DATA to OK, which is not worth a
 * message. `infra/forwarding.yml` has the same pattern.
 */
const BEGINS_OR_ENDS = {
  $or: [{ state: { value: ['ALARM'] } }, { state: { value: ['OK'] }, previousState: { value: ['ALARM'] } }],
} as const;

function spokeRule(of: Deployment, alarmIds: readonly string[]): Resources {
  const { arn } = hubBus(of);
  return {
    AlarmsRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Name: `${of.prefix}-${ALARM_ROLE}`,
        EventPattern: { ...ALARM_EVENTS, resources: alarmIds.map(arnOf), detail: BEGINS_OR_ENDS },
        Targets: [{ Id: 'hub', Arn: arn, RoleArn: arnOf('AlarmsRole') }],
      },
    },
    AlarmsRole: ownRole(of, ALARM_ROLE, {
      trusts: {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
      },
      may: [{ Sid: 'Forward', Effect: 'Allow', Action: ['events:PutEvents'], Resource: arn }],
    }),
  };
}

function hubRules(of: Deployment): Resources {
  return Object.fromEntries(alarmRulesOf(of).map(({ id, name }) => [id, hubRule(of, id, name)]));
}

/**
 * The bus of each rule, and a pattern for the names of the alarms that come by it. Other alarms of an account are not
 * the service's.
 */
const BUSES: Readonly<
  Record<AlarmRuleId, (of: Deployment) => { readonly bus: string; readonly alarmName: readonly object[] }>
> = {
  SpokeAlarmsRule: ({ prefix }) => ({ bus: 'SpokeBus', alarmName: [{ prefix: `${prefix}-` }] }),
  // CloudFormation names the alarm of infra/forwarding.yml after its stack and its logical ID.
  ForwardedAlarmsRule: () => ({ bus: 'StsBus', alarmName: [{ wildcard: '*-UndeliveredAlarm-*' }] }),
};

function hubRule(of: Deployment, id: AlarmRuleId, name: string): Resource {
  const { bus, alarmName } = BUSES[id](of);
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: `${of.prefix}-${name}`,
      EventBusName: ref(bus),
      EventPattern: {
        ...ALARM_EVENTS,
        detail: { alarmName, configuration: { description: [{ exists: true }] }, ...BEGINS_OR_ENDS },
      },
      Targets: [{ Id: 'alarms', Arn: alarmTopic(of), InputTransformer: ALARM_TEXT }],
    },
  };
}

/**
 * The message about an alarm of a spoke. Trust: EventBridge states `account` and `region`; all else is the word of that
 * account. Each value is the event's own JSON, so no text in it can pretend to be another field.
 */
const ALARM_TEXT = {
  InputPathsMap: {
    account: '$.account',
    region: '$.region',
    alarm: '$.detail.alarmName',
    state: '$.detail.state.value',
    since: '$.detail.state.timestamp',
    reason: '$.detail.state.reason',
    advice: '$.detail.configuration.description',
  },
  InputTemplate: `{
  "from": "eks-whois: an alarm of another account or Region",
  "account": <account>,
  "region": <region>,
  "alarm": <alarm>,
  "state": <state>,
  "since": <since>,
  "reason": <reason>,
  "whatToDo": <advice>
}`,
} as const;
